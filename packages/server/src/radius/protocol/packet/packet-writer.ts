import { signAnswer, signMessage, signRequest } from "./authenticators.ts";
import { headerLength, maxPacketLength, maxValueLength } from "./packet.ts";
import { attributeNumber } from "./packet-code.ts";
import type { SharedSecret } from "./shared-secret.ts";

/** Most packets end within this; a longer one moves once. */
const firstDraftLength = 512;

/** A packet that is being written, attribute after attribute. Ending it gives its bytes; it is written no further then. */
export interface PacketDraft {
  /** Appends one attribute; false, and nothing appended, where the packet or the attribute would be too long. */
  add(number: number, value: Buffer): boolean;
  /** Appends attributes that are encoded already; false, and nothing appended, where the packet would be too long. */
  addEncoded(octets: Buffer): boolean;
  /** Ends an answer: the signed packet. */
  answer(requestAuthenticator: Buffer, secret: SharedSecret): Buffer;
  /** Ends a request that is signed itself: the signed packet. */
  signedRequest(secret: SharedSecret): Buffer;
  /** Ends an Access- or Status-Request with a random authenticator of 16 octets: the packet, signed where it has a Message-Authenticator. */
  requestWith(authenticator: Buffer, secret: SharedSecret): Buffer;
  /** The same without a signature, whatever it has. */
  unsignedRequest(authenticator: Buffer): Buffer;
}

/**
 * Begins a packet. With a Message-Authenticator it is the first attribute, which is what keeps the prefix of an answer out
 * of an attacker's hands (CVE-2024-3596).
 */
export const draftPacket = (code: number, identifier: number, options: { readonly hasMessageAuthenticator: boolean }): PacketDraft => {
  let draft = Buffer.allocUnsafe(firstDraftLength);
  draft[0] = code;
  draft[1] = identifier;
  let end = headerLength;
  let messageAuthenticatorAt: number | undefined;
  if (options.hasMessageAuthenticator) {
    draft[end] = attributeNumber.messageAuthenticator;
    draft[end + 1] = 18;
    messageAuthenticatorAt = end + 2;
    end += 18;
  }
  const makeRoom = (octets: number): boolean => {
    if (end + octets > maxPacketLength) return false;
    if (end + octets > draft.length) {
      const longer = Buffer.allocUnsafe(maxPacketLength);
      draft.copy(longer, 0, 0, end);
      draft = longer;
    }
    return true;
  };
  const finish = (): Buffer => {
    draft.writeUInt16BE(end, 2);
    return draft.subarray(0, end);
  };
  return {
    add(number, value) {
      if (value.length > maxValueLength || !makeRoom(2 + value.length)) return false;
      draft[end] = number;
      draft[end + 1] = value.length + 2;
      value.copy(draft, end + 2);
      end += value.length + 2;
      return true;
    },
    addEncoded(octets) {
      if (!makeRoom(octets.length)) return false;
      end += octets.copy(draft, end);
      return true;
    },
    answer(requestAuthenticator, secret) {
      const bytes = finish();
      signAnswer(bytes, requestAuthenticator, secret, messageAuthenticatorAt);
      return bytes;
    },
    signedRequest(secret) {
      const bytes = finish();
      signRequest(bytes, secret, messageAuthenticatorAt);
      return bytes;
    },
    requestWith(authenticator, secret) {
      const bytes = finish();
      authenticator.copy(bytes, 4, 0, 16);
      if (messageAuthenticatorAt !== undefined) signMessage(bytes, secret, messageAuthenticatorAt);
      return bytes;
    },
    unsignedRequest(authenticator) {
      const bytes = finish();
      authenticator.copy(bytes, 4, 0, 16);
      return bytes;
    },
  };
};
