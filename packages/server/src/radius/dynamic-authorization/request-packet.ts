import type { DynamicAuthorizationOutcome, DynamicAuthorizationRequest } from "../../aaa/words/dynamic-authorization.ts";
import { type Encoded, encodeAttributes } from "../protocol/dictionary/attribute-encoding.ts";
import { findAttribute } from "../protocol/dictionary/attribute-names.ts";
import { checkMessageAuthenticator, isAnswerTo } from "../protocol/packet/authenticators.ts";
import { maxPacketLength, readPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";

/** Attributes that identify a NAS or a session (RFC 5176 §3); vendors' own may, too. */
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

/** How a signed request is protected beside its authenticator. Some equipment refuses what it does not know. */
export interface RequestProtection {
  readonly hasMessageAuthenticator: boolean;
  /** Against replays (RFC 5176 §6.3); milliseconds since 1970, or none. */
  readonly eventTimestampMs: number | undefined;
}

/** What is left for attributes beside the header and what protects a request. */
const roomForAttributes = maxPacketLength - 20 - 18 - 6;

/** The attributes of a request as octets; the sentence says what is wrong with it. */
export const encodeRequest = ({ kind, session, changes = [] }: DynamicAuthorizationRequest): Encoded => {
  const stranger = session.find(({ name }) => {
    const definition = findAttribute(name)?.definition;
    return definition !== undefined && definition.vendor === undefined && !identifying.includes(definition.name);
  });
  if (stranger !== undefined) return { fault: `${stranger.name} identifies no session.` };
  if (session.length === 0) return { fault: "A request names its session." };
  if (kind === "disconnect" && changes.length > 0) return { fault: "A Disconnect-Request changes nothing." };
  const encoded = encodeAttributes([...session, ...changes]);
  const isTooLong = "octets" in encoded && encoded.octets.length > roomForAttributes;
  return isTooLong ? { fault: "The attributes fill more than a packet." } : encoded;
};

/** Writes and signs the packet of a request, whose attributes are known to fit (RFC 5176 §3.4). */
export const writeRequest = (
  kind: DynamicAuthorizationRequest["kind"],
  identifier: number,
  attributes: Buffer,
  secret: SharedSecret,
  { hasMessageAuthenticator, eventTimestampMs }: RequestProtection,
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

/** Which answers there are to each code of a request. */
const answersOf: Readonly<Record<number, { readonly ack: number; readonly nak: number; readonly name: "CoA" | "Disconnect" }>> = {
  [packetCode.coaRequest]: { ack: packetCode.coaAck, nak: packetCode.coaNak, name: "CoA" },
  [packetCode.disconnectRequest]: { ack: packetCode.disconnectAck, nak: packetCode.disconnectNak, name: "Disconnect" },
};

/** The outcome that a datagram brings for a request; undefined where it is no answer to it, or is not signed for it. */
export const readAnswer = (datagram: Buffer, request: Buffer, secret: SharedSecret): DynamicAuthorizationOutcome | undefined => {
  const read = readPacket(datagram);
  if (!("packet" in read)) return undefined;
  const { packet } = read;
  const { ack, nak, name } = answersOf[request[0]!]!;
  if (packet.code !== ack && packet.code !== nak) return undefined;
  const requestAuthenticator = request.subarray(4, 20);
  if (!isAnswerTo(packet, requestAuthenticator, secret)) return undefined;
  if (checkMessageAuthenticator(packet, secret, requestAuthenticator) === "forged") return undefined;
  if (packet.code === ack) return { kind: `${name}-ACK` };
  const [cause] = valuesOf(packet, attributeNumber.errorCause);
  return { kind: `${name}-NAK`, errorCause: cause?.length === 4 ? cause.readUInt32BE(0) : undefined };
};
