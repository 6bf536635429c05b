import { createHash, createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

/** A CoA-Request or Disconnect-Request as the equipment reads it: by numbers, for it shares no dictionary with us. */
export interface ReceivedRequest {
  readonly bytes: Buffer;
  readonly code: number;
  readonly identifier: number;
  readonly attributes: readonly (readonly [number: number, value: Buffer])[];
  readonly source: { readonly address: string; readonly port: number };
}

/** Network equipment that takes such requests on a UDP port. */
export interface FakeNas {
  readonly port: number;
  readonly requests: ReceivedRequest[];
  /** What the equipment does with a request, by its count from 0. */
  react: (request: ReceivedRequest, count: number) => void;
  send(request: ReceivedRequest, bytes: Buffer): void;
  /** Answers with a code and an Error-Cause. */
  answer(request: ReceivedRequest, code: number, errorCause?: number): void;
  close(): Promise<void>;
}

const md5 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const zeros = Buffer.alloc(16);

/** The bytes of an answer, signed for a request. */
export const answerBytes = (request: ReceivedRequest, code: number, secret: string, attributes: Buffer = Buffer.alloc(0)): Buffer => {
  const bytes = Buffer.concat([
    Buffer.from([code, request.identifier, 0, 20 + attributes.length]),
    request.bytes.subarray(4, 20),
    attributes,
  ]);
  md5(bytes, secret).copy(bytes, 4);
  return bytes;
};

/** Reads a request; throws where it is not signed as RFC 5176 §2.3 and §3.4 want it. */
const readRequest = (bytes: Buffer, source: ReceivedRequest["source"], secret: string): ReceivedRequest => {
  const unsigned = Buffer.concat([bytes.subarray(0, 4), zeros, bytes.subarray(20)]);
  if (!md5(unsigned, secret).equals(bytes.subarray(4, 20))) throw new Error("the request's authenticator is forged");
  const attributes: [number, Buffer][] = [];
  for (let at = 20; at < bytes.readUInt16BE(2); at += bytes[at + 1]!) {
    const value = bytes.subarray(at + 2, at + bytes[at + 1]!);
    attributes.push([bytes[at]!, value]);
    if (bytes[at] !== 80) continue;
    const blank = Buffer.concat([unsigned.subarray(0, at + 2), zeros, unsigned.subarray(at + 18)]);
    if (!createHmac("md5", secret).update(blank).digest().equals(value)) throw new Error("the request's Message-Authenticator is forged");
  }
  return { bytes, code: bytes[0]!, identifier: bytes[1]!, attributes, source };
};

export const openFakeNas = async (secret: string, address = "127.0.0.1"): Promise<FakeNas> => {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.bind(0, address);
  await once(socket, "listening");
  const nas: FakeNas = {
    port: socket.address().port,
    requests: [],
    react: (request) => nas.answer(request, request.code + 1),
    send: (request, bytes) => socket.send(bytes, request.source.port, request.source.address),
    answer(request, code, errorCause) {
      const cause = Buffer.from([101, 6, 0, 0, 0, 0]);
      if (errorCause !== undefined) cause.writeUInt32BE(errorCause, 2);
      nas.send(request, answerBytes(request, code, secret, errorCause === undefined ? undefined : cause));
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on("message", (bytes, source) => {
    const request = readRequest(bytes, source, secret);
    nas.requests.push(request);
    nas.react(request, nas.requests.length - 1);
  });
  return nas;
};
