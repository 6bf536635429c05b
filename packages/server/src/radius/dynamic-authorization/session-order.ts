import { type AttributeText, type Encoded, encodeAttributes } from "../protocol/dictionary/attribute-encoding.ts";
import { findAttribute } from "../protocol/dictionary/attribute-names.ts";
import { maxPacketLength } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";

/** What network equipment shall do with a session: end it, or change what it granted (RFC 5176 §2). */
export interface SessionOrder {
  readonly kind: "disconnect" | "coa";
  /** The equipment's address, IPv4 or IPv6, and its port for such orders, 3799 where nothing else is known. */
  readonly address: string;
  readonly port: number;
  /** The secret shared with it, 1 to 1,024 octets. */
  readonly secret: string | Uint8Array;
  /** Which session: attributes that identify it and its equipment, and no others (RFC 5176 §3). */
  readonly session: readonly AttributeText[];
  /** What a CoA changes. A disconnect changes nothing. */
  readonly changes?: readonly AttributeText[];
}

/** What became of an order. An `ack` is the equipment's word, and no proof that the session ended. */
export type OrderOutcome =
  | { readonly kind: "ack" }
  /** Error-Cause (RFC 5176 §3.5): 503 is a session that the equipment does not know. */
  | { readonly kind: "nak"; readonly errorCause: number | undefined }
  | { readonly kind: "timeout" }
  /** The network or the equipment says that nobody listens; the system's code, such as ECONNREFUSED. */
  | { readonly kind: "unreachable"; readonly code: string }
  /** It was not sent: the sentence says which attribute is wrong. */
  | { readonly kind: "unsendable"; readonly fault: string };

/** Error-Cause of equipment that stumbles over an attribute that it does not know. */
export const unsupportedAttribute = 401;

/** Attributes that identify equipment or session (RFC 5176 §3); vendors' own may, too. */
const identifying: readonly string[] = [
  "User-Name",
  "NAS-IP-Address",
  "NAS-Port",
  "Framed-IP-Address",
  "Called-Station-Id",
  "Calling-Station-Id",
  "NAS-Identifier",
  "Acct-Session-Id",
  "Acct-Multi-Session-Id",
  "NAS-Port-Id",
  "Chargeable-User-Identity",
  "NAS-IPv6-Address",
  "Framed-Interface-Id",
  "Framed-IPv6-Prefix",
  "Framed-IPv6-Address",
];

/** How the signed packet of an order is protected beside its authenticator. Some equipment refuses what it does not know. */
export interface OrderProtection {
  readonly hasMessageAuthenticator: boolean;
  /** Against replays (RFC 5176 §6.3); milliseconds since 1970, or none. */
  readonly eventTimestampMs: number | undefined;
}

/** What is left for attributes beside the header and what protects an order. */
const roomForAttributes = maxPacketLength - 20 - 18 - 6;

/** The attributes of an order as octets; the sentence says what is wrong with it. */
export const encodeOrder = ({ kind, session, changes = [] }: SessionOrder): Encoded => {
  const stranger = session.find(({ name }) => {
    const definition = findAttribute(name)?.definition;
    return definition !== undefined && definition.vendor === undefined && !identifying.includes(definition.name);
  });
  if (stranger !== undefined) return { fault: `${stranger.name} identifies no session.` };
  if (session.length === 0) return { fault: "An order names its session." };
  if (kind === "disconnect" && changes.length > 0) return { fault: "A disconnect changes nothing." };
  const encoded = encodeAttributes([...session, ...changes]);
  const isTooLong = "octets" in encoded && encoded.octets.length > roomForAttributes;
  return isTooLong ? { fault: "The attributes fill more than a packet." } : encoded;
};

/** Writes and signs the packet of an order, whose attributes are known to fit (RFC 5176 §3.4). */
export const writeOrder = (
  { kind }: Pick<SessionOrder, "kind">,
  identifier: number,
  attributes: Buffer,
  secret: SharedSecret,
  { hasMessageAuthenticator, eventTimestampMs }: OrderProtection,
): Buffer => {
  const code = kind === "disconnect" ? packetCode.disconnectRequest : packetCode.coaRequest;
  const draft = draftPacket(code, identifier, { hasMessageAuthenticator });
  draft.addEncoded(attributes);
  if (eventTimestampMs !== undefined) {
    const seconds = Buffer.alloc(4);
    seconds.writeUInt32BE(Math.floor(eventTimestampMs / 1000));
    draft.add(attributeNumber.eventTimestamp, seconds);
  }
  return draft.signedRequest(secret);
};
