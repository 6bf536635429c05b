import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

/** An attribute by its number. This client knows no dictionary of ours: it is the other side. */
export type RawAttribute = readonly [number: number, value: Buffer | string | number];

export interface ClientRequest {
  readonly code: number;
  readonly identifier?: number;
  readonly authenticator?: Buffer;
  readonly secret: string;
  readonly attributes: readonly RawAttribute[];
  /** Where a Message-Authenticator stands. Default: first; `none` leaves it out. */
  readonly messageAuthenticator?: "first" | "last" | "none" | "forged";
  readonly password?: string;
}

export interface ClientAnswer {
  readonly code: number;
  readonly identifier: number;
  readonly attributes: readonly { readonly number: number; readonly value: Buffer }[];
  readonly bytes: Buffer;
}

const md5 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const octets = (value: Buffer | string | number): Buffer => {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(value);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const attribute = ([number, value]: RawAttribute): Buffer => {
  const bytes = octets(value);
  return Buffer.concat([Buffer.from([number, bytes.length + 2]), bytes]);
};

/** A vendor's attribute as most vendors write it. */
export const vendorAttribute = (vendor: number, number: number, value: Buffer | string | number): RawAttribute => {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(vendor);
  return [26, Buffer.concat([id, attribute([number, value])])];
};

/** RFC 2865 §5.2, written down a second time. */
const hidden = (password: string, authenticator: Buffer, secret: string): Buffer => {
  const clear = Buffer.from(password);
  const padded = Buffer.alloc(Math.max(16, Math.ceil(clear.length / 16) * 16));
  clear.copy(padded);
  let previous = authenticator;
  const blocks: Buffer[] = [];
  for (let at = 0; at < padded.length; at += 16) {
    const stream = md5(secret, previous);
    previous = Buffer.from(stream.map((octet, index) => octet ^ padded[at + index]!));
    blocks.push(previous);
  }
  return Buffer.concat(blocks);
};

const packet = (code: number, identifier: number, authenticator: Buffer, attributes: readonly RawAttribute[]): Buffer => {
  const body = Buffer.concat(attributes.map(attribute));
  const head = Buffer.from([code, identifier, 0, 0]);
  head.writeUInt16BE(20 + body.length, 2);
  return Buffer.concat([head, authenticator, body]);
};

const zeros = Buffer.alloc(16);

/** The bytes of a request, signed as its code wants. */
export const requestBytes = (request: ClientRequest): Buffer => {
  const isSigned = request.code !== 1 && request.code !== 12;
  const authenticator = request.authenticator ?? (isSigned ? zeros : randomBytes(16));
  const place = request.messageAuthenticator ?? "first";
  const blank: RawAttribute = [80, zeros];
  const password: RawAttribute[] = request.password === undefined ? [] : [[2, hidden(request.password, authenticator, request.secret)]];
  const plain = [...request.attributes, ...password];
  const attributes = place === "none" ? plain : place === "last" ? [...plain, blank] : [blank, ...plain];
  const bytes = packet(request.code, request.identifier ?? 0, authenticator, attributes);
  if (place !== "none") {
    const signature = createHmac("md5", request.secret).update(bytes).digest();
    if (place === "forged") signature[0]! ^= 1;
    signature.copy(bytes, place === "last" ? bytes.length - 16 : 22);
  }
  if (isSigned) md5(bytes, request.secret).copy(bytes, 4);
  return bytes;
};

/** Reads an answer; throws where it is not signed for the request. An answer to an Access-Request must begin with its Message-Authenticator. */
export const readAnswer = (bytes: Buffer, request: Buffer, secret: string): ClientAnswer => {
  const length = bytes.readUInt16BE(2);
  if (length !== bytes.length) throw new Error("the answer has another length than it says");
  const asked = request.subarray(4, 20);
  const own = Buffer.from(bytes.subarray(4, 20));
  const unsigned = Buffer.concat([bytes.subarray(0, 4), asked, bytes.subarray(20)]);
  if (!md5(unsigned, secret).equals(own)) throw new Error("the answer's authenticator is forged");
  const attributes: { number: number; value: Buffer }[] = [];
  for (let at = 20; at < length; at += bytes[at + 1]!) {
    attributes.push({ number: bytes[at]!, value: bytes.subarray(at + 2, at + bytes[at + 1]!) });
  }
  if ([2, 3, 11].includes(bytes[0]!)) {
    if (attributes[0]?.number !== 80) throw new Error("the answer does not begin with a Message-Authenticator");
    const blank = Buffer.concat([unsigned.subarray(0, 22), zeros, unsigned.subarray(38)]);
    if (!createHmac("md5", secret).update(blank).digest().equals(attributes[0].value)) {
      throw new Error("the answer's Message-Authenticator is forged");
    }
  }
  return { code: bytes[0]!, identifier: bytes[1]!, attributes, bytes };
};

/** A socket that sends datagrams to one port, and keeps what comes back. */
export interface RadiusClient {
  readonly socket: Socket;
  send(bytes: Buffer): void;
  /** The next datagram that comes back. */
  next(): Promise<Buffer>;
  /** The next datagram that fits, if one comes in time; others are dropped. */
  nextWithin(ms: number, fits: (datagram: Buffer) => boolean): Promise<Buffer | undefined>;
  /** Sends a request and reads its answer. */
  ask(request: ClientRequest): Promise<ClientAnswer>;
  /** How many datagrams came back and were not read. */
  waiting(): number;
  close(): Promise<void>;
}

export const openRadiusClient = async (port: number, address = "127.0.0.1", from?: string): Promise<RadiusClient> => {
  const isVersion6 = isIPv6(address);
  const socket = createSocket(isVersion6 ? "udp6" : "udp4");
  socket.bind(0, from ?? (isVersion6 ? "::1" : "127.0.0.1"));
  await once(socket, "listening");
  const arrived: Buffer[] = [];
  const wanted: ((bytes: Buffer) => void)[] = [];
  socket.on("message", (bytes) => {
    const take = wanted.shift();
    if (take) take(bytes);
    else arrived.push(bytes);
  });
  const client: RadiusClient = {
    socket,
    send: (bytes) => socket.send(bytes, port, address),
    next: () => {
      const bytes = arrived.shift();
      return bytes ? Promise.resolve(bytes) : new Promise((resolve) => wanted.push(resolve));
    },
    nextWithin: (ms, fits) =>
      new Promise((resolve) => {
        const give = (found: Buffer | undefined) => {
          clearTimeout(timer);
          if (wanted.includes(take)) wanted.splice(wanted.indexOf(take), 1);
          resolve(found);
        };
        const timer = setTimeout(give, ms, undefined);
        const take = (bytes: Buffer) => (fits(bytes) ? give(bytes) : void wanted.push(take));
        wanted.push(take);
        for (const bytes of arrived.splice(0)) if (wanted.includes(take)) wanted.splice(wanted.indexOf(take), 1)[0]!(bytes);
      }),
    async ask(request) {
      const bytes = requestBytes(request);
      client.send(bytes);
      return readAnswer(await client.next(), bytes, request.secret);
    },
    waiting: () => arrived.length,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  return client;
};
