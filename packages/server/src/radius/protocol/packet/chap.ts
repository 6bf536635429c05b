import { hash, timingSafeEqual } from "node:crypto";
import { authenticatorOf, type RadiusPacket, valuesOf } from "./packet.ts";
import { attributeNumber } from "./packet-code.ts";

/** What a CHAP login shows: the answer to a challenge that only the password gives (RFC 1994 §4.1). */
export interface ChapProof {
  readonly identifier: number;
  readonly challenge: Buffer;
  /** 16 octets. */
  readonly response: Buffer;
}

/** The CHAP proof of an Access-Request; undefined where it has none that is whole. Without CHAP-Challenge the authenticator is it (RFC 2865 §5.3). */
export const chapProofOf = (packet: RadiusPacket): ChapProof | undefined => {
  const [value, ...others] = valuesOf(packet, attributeNumber.chapPassword);
  if (value === undefined || others.length > 0 || value.length !== 17) return undefined;
  const challenge = valuesOf(packet, attributeNumber.chapChallenge)[0] ?? authenticatorOf(packet);
  return { identifier: value[0]!, challenge, response: value.subarray(1) };
};

/** The response to a challenge: MD5(identifier + password + challenge), 16 octets (RFC 1994 §4.1). */
export const chapResponse = (identifier: number, password: string, challenge: Buffer): Buffer =>
  hash("md5", Buffer.concat([Buffer.from([identifier]), Buffer.from(password), challenge]), "buffer");

/** Whether a proof was made with the password; compared in constant time. */
export const provesPassword = (proof: ChapProof, password: string): boolean =>
  timingSafeEqual(chapResponse(proof.identifier, password, proof.challenge), proof.response);
