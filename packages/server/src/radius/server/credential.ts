import { vendorSpace } from "../protocol/dictionary/dictionary.ts";
import { textOf } from "../protocol/dictionary/value-text.ts";
import { chapProofOf } from "../protocol/packet/chap.ts";
import { revealPassword } from "../protocol/packet/hidden-value.ts";
import { hasAttribute, type RadiusPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber } from "../protocol/packet/packet-code.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";
import type { Credential } from "./ports.ts";

/** ARAP-Password and Digest-Response (RFC 2869 §5.4, RFC 5090 §3.1). */
const arapPassword = 70;
const digestResponse = 103;
const microsoft = 311;

/**
 * The credential of an Access-Request; undefined where there are two, or one is no whole one. A password that is no UTF-8
 * is read as Latin-1: as UTF-8 it could match nothing.
 */
export const credentialOf = (packet: RadiusPacket, secret: SharedSecret): Credential | undefined => {
  const hidden = valuesOf(packet, attributeNumber.userPassword);
  const hasChap = hasAttribute(packet, attributeNumber.chapPassword);
  // RFC 2865 §4.1: not both.
  if (hidden.length > 1 || (hidden.length > 0 && hasChap)) return undefined;
  if (hasAttribute(packet, attributeNumber.eapMessage)) return { kind: "unsupported", method: "EAP" };
  if (hidden.length > 0) {
    const password = revealPassword(hidden[0]!, packet, secret);
    return password && { kind: "password", password: textOf(password) };
  }
  if (hasChap) {
    const proof = chapProofOf(packet);
    return proof && { kind: "chap", proof };
  }
  if (showsMsChap(packet)) return { kind: "unsupported", method: "MS-CHAP" };
  if (hasAttribute(packet, arapPassword)) return { kind: "unsupported", method: "ARAP" };
  if (hasAttribute(packet, digestResponse)) return { kind: "unsupported", method: "Digest" };
  return { kind: "none" };
};

const msChapResponses = ["MS-CHAP-Response", "MS-CHAP2-Response"];

const showsMsChap = (packet: RadiusPacket): boolean =>
  valuesOf(packet, attributeNumber.vendorSpecific).some((value) => {
    if (value.length < 6 || value.readUInt32BE(0) !== microsoft) return false;
    const definition = vendorSpace(microsoft)?.attributes.get(value[4]!);
    return definition !== undefined && msChapResponses.includes(definition.name);
  });
