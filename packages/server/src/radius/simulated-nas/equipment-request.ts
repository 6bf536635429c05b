import { randomBytes, randomInt } from "node:crypto";
import { closestName } from "../../kernel/closest-name.ts";
import { type AttributeText, encodeAttributes } from "../protocol/dictionary/attribute-encoding.ts";
import { findAttribute } from "../protocol/dictionary/attribute-names.ts";
import { attributeNames } from "../protocol/dictionary/dictionary.ts";
import { chapResponse } from "../protocol/packet/chap.ts";
import { hidePassword, maxPasswordLength } from "../protocol/packet/hidden-value.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";

/** What equipment asks or reports: a login, a session's beginning, progress or end, or whether the server is there. */
export type RequestKind = "auth" | "acct" | "status";

/** The signed packet of a request, or the sentence that says why there is none. It repeats no password. */
export type WrittenRequest = { readonly bytes: Buffer } | { readonly fault: string };

const codeOf = { auth: packetCode.accessRequest, acct: packetCode.accountingRequest, status: packetCode.statusServer } as const;

/** The value of an attribute that the protocol itself writes; undefined of any other. */
const ownValue = (number: number, text: string, authenticator: Buffer, secret: SharedSecret): Buffer | undefined => {
  if (number === attributeNumber.userPassword) return hidePassword(Buffer.from(text), authenticator, secret);
  if (number !== attributeNumber.chapPassword) return undefined;
  const identifier = randomInt(256);
  return Buffer.concat([Buffer.from([identifier]), chapResponse(identifier, text, authenticator)]);
};

/**
 * Writes a request as equipment would: a new authenticator and identifier, `User-Password` hidden, `CHAP-Password` made of the
 * password for the authenticator as challenge (RFC 2865 §5.3), a Message-Authenticator first where it is no accounting.
 */
export const writeRequest = (kind: RequestKind, attributes: readonly AttributeText[], secret: SharedSecret): WrittenRequest => {
  const authenticator = randomBytes(16);
  const draft = draftPacket(codeOf[kind], randomInt(256), { hasMessageAuthenticator: kind !== "acct" });
  for (const { name, value } of attributes) {
    const definition = findAttribute(name)?.definition;
    if (definition === undefined) {
      const meant = closestName(name, attributeNames());
      return { fault: `There is no RADIUS attribute ${name} in the dictionary.${meant === undefined ? "" : ` Did you mean ${meant}?`}` };
    }
    const number = definition.vendor === undefined ? definition.path[0]! : attributeNumber.vendorSpecific;
    // Who writes for radclient asks for one so; it is there already.
    if (number === attributeNumber.messageAuthenticator) continue;
    if (number === attributeNumber.userPassword && Buffer.byteLength(value) > maxPasswordLength) {
      return { fault: `${definition.name}: RADIUS carries at most ${maxPasswordLength} octets.` };
    }
    const own = ownValue(number, value, authenticator, secret);
    const encoded = own === undefined ? encodeAttributes([{ name, value }], { secret, requestAuthenticator: authenticator }) : undefined;
    if (encoded && "fault" in encoded) return encoded;
    if (!(encoded ? draft.addEncoded(encoded.octets) : draft.add(number, own!)))
      return { fault: "The attributes fill more than a packet." };
  }
  return { bytes: kind === "acct" ? draft.signedRequest(secret) : draft.requestWith(authenticator, secret) };
};
