import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { checkMessageAuthenticator, isSignedRequest } from "../protocol/packet/authenticators.ts";
import { authenticatorOf, type RadiusPacket, readPacket } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";

export interface DynamicAuthorizationOptions {
  readonly address: string;
  readonly port: number;
  readonly secret: SharedSecret;
  /** Refuses every request with this Error-Cause; undefined acknowledges them. */
  readonly errorCause: number | undefined;
  /** Is given each request that is signed with the secret. */
  readonly onRequest: (request: RadiusPacket) => void;
  /** Called with a datagram that is no such request and gets no answer: where it came from, and why. */
  readonly onStranger: (from: string, why: string) => void;
}

/** Receives CoA-Requests and Disconnect-Requests as equipment does (RFC 5176); resolves when it listens, rejects if it cannot. */
export const listenForRequests = (options: DynamicAuthorizationOptions): Promise<{ readonly port: number; close(): Promise<void> }> => {
  const socket = createSocket(isIPv6(options.address) ? "udp6" : "udp4");
  socket.on("message", (datagram: Buffer, from) => {
    const read = readPacket(datagram);
    const why = "packet" in read ? faultOf(read.packet, options.secret) : read.fault;
    if (why !== undefined || !("packet" in read)) return options.onStranger(`${from.address} port ${from.port}`, why!);
    options.onRequest(read.packet);
    socket.send(answerOf(read.packet, options), from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: options.address, port: options.port, exclusive: true }, () =>
      resolve({ port: socket.address().port, close: () => new Promise((closed) => socket.close(() => closed())) }),
    );
  });
};

/** Why a packet is no request to obey; undefined if it is one. */
const faultOf = (packet: RadiusPacket, secret: SharedSecret): string | undefined => {
  if (packet.code !== packetCode.disconnectRequest && packet.code !== packetCode.coaRequest) return `a packet of code ${packet.code}`;
  if (!isSignedRequest(packet, secret) || checkMessageAuthenticator(packet, secret) === "forged") return "signed with another secret";
  return undefined;
};

/** ACK and NAK of a kind stand behind its request: 40, 41, 42 and 43, 44, 45. */
const answerOf = (request: RadiusPacket, { secret, errorCause }: DynamicAuthorizationOptions): Buffer => {
  const draft = draftPacket(request.code + (errorCause === undefined ? 1 : 2), request.identifier, { hasMessageAuthenticator: true });
  if (errorCause !== undefined) {
    const cause = Buffer.alloc(4);
    cause.writeUInt32BE(errorCause);
    draft.add(attributeNumber.errorCause, cause);
  }
  return draft.answer(Buffer.from(authenticatorOf(request)), secret);
};
