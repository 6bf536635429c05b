import { timingSafeEqual } from "node:crypto";
import { headerLength, offsetsOf, type RadiusPacket } from "./packet.ts";
import { attributeNumber, packetCode } from "./packet-code.ts";
import { type SharedSecret, writePacketDigest, writePacketHmac } from "./shared-secret.ts";

const digestLength = 16;
const computed = Buffer.alloc(digestLength);

const equals = (bytes: Buffer, at: number): boolean => timingSafeEqual(computed, bytes.subarray(at, at + digestLength));

/** Requests whose authenticator field is a signature, and not a random number (RFC 2866 §3, RFC 5176 §2.3). */
const signedRequests: readonly number[] = [packetCode.accountingRequest, packetCode.disconnectRequest, packetCode.coaRequest];

/** Whether an Accounting-, Disconnect- or CoA-Request was signed with the secret; compared in constant time. */
export const isSignedRequest = (packet: RadiusPacket, secret: SharedSecret): boolean => {
  writePacketDigest(computed, 0, packet.bytes, undefined, secret);
  return equals(packet.bytes, 4);
};

/** Whether an answer's authenticator was made for a request, by its 16 octets, with the secret (RFC 2865 §3). */
export const isAnswerTo = (answer: RadiusPacket, requestAuthenticator: Buffer, secret: SharedSecret): boolean => {
  writePacketDigest(computed, 0, answer.bytes, requestAuthenticator, secret);
  return equals(answer.bytes, 4);
};

/**
 * Judges the Message-Authenticator of a packet (RFC 3579 §3.2): there may be one, of 16 octets. It covers the packet with
 * the authenticator that it came with, of the request where the packet is an answer, zeros in requests that are signed
 * themselves (RFC 5176 §3.4).
 */
export const checkMessageAuthenticator = (
  packet: RadiusPacket,
  secret: SharedSecret,
  requestAuthenticator?: Buffer,
): "absent" | "valid" | "forged" => {
  const found = offsetsOf(packet, attributeNumber.messageAuthenticator);
  const [offset] = found;
  if (offset === undefined) return "absent";
  if (found.length > 1 || packet.bytes[offset + 1] !== digestLength + 2) return "forged";
  const own = signedRequests.includes(packet.code) ? undefined : packet.bytes.subarray(4, headerLength);
  const authenticator = requestAuthenticator ?? own;
  writePacketHmac(computed, 0, { bytes: packet.bytes, authenticator, zeroAt: offset + 2 }, secret);
  return equals(packet.bytes, offset + 2) ? "valid" : "forged";
};

/**
 * Signs an answer in place: first its Message-Authenticator, when `messageAuthenticatorAt` says where its value lies, then
 * its Response Authenticator (RFC 2865 §3). The bytes are the whole packet.
 */
export const signAnswer = (bytes: Buffer, requestAuthenticator: Buffer, secret: SharedSecret, messageAuthenticatorAt?: number): void => {
  if (messageAuthenticatorAt !== undefined) {
    const zeroAt = messageAuthenticatorAt;
    writePacketHmac(bytes, zeroAt, { bytes, authenticator: requestAuthenticator, zeroAt }, secret);
  }
  writePacketDigest(bytes, 4, bytes, requestAuthenticator, secret);
};

/** Signs a request with a random authenticator in place: its Message-Authenticator alone (RFC 3579 §3.2). */
export const signMessage = (bytes: Buffer, secret: SharedSecret, messageAuthenticatorAt: number): void => {
  const authenticator = bytes.subarray(4, headerLength);
  writePacketHmac(bytes, messageAuthenticatorAt, { bytes, authenticator, zeroAt: messageAuthenticatorAt }, secret);
};

/** Signs an Accounting-, Disconnect- or CoA-Request in place: its Message-Authenticator over zeros, then itself (RFC 5176 §3.4). */
export const signRequest = (bytes: Buffer, secret: SharedSecret, messageAuthenticatorAt?: number): void => {
  if (messageAuthenticatorAt !== undefined) {
    const zeroAt = messageAuthenticatorAt;
    writePacketHmac(bytes, zeroAt, { bytes, authenticator: undefined, zeroAt }, secret);
  }
  writePacketDigest(bytes, 4, bytes, undefined, secret);
};
