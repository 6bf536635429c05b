/** Octets before the first attribute: code, identifier, length, authenticator (RFC 2865 §3). */
export const headerLength = 20;
/** The longest packet (RFC 2865 §3). */
export const maxPacketLength = 4096;
/** What one attribute's length octet leaves for its value (RFC 2865 §5). */
export const maxValueLength = 253;

/** A packet whose outer form holds: every attribute lies within it. The values are checked by whoever reads them. */
export interface RadiusPacket {
  readonly code: number;
  readonly identifier: number;
  /** The packet alone, as long as its Length field says; padding of the datagram is cut off. */
  readonly bytes: Buffer;
  /** Where each attribute begins within the bytes, at its type octet, in order. */
  readonly offsets: readonly number[];
}

/** Why a datagram is no RADIUS packet. */
export type PacketFault =
  | "shorter than a header"
  | "length field below a header"
  | "length field above 4096"
  | "length field beyond the datagram"
  | "attribute shorter than its header"
  | "attribute beyond the packet";

/**
 * Reads the outer form of a datagram without copying: the packet refers to the datagram's memory. Any bytes are taken, and
 * nothing is thrown. Octets beyond the Length field are padding and ignored (RFC 2865 §3).
 */
export const readPacket = (datagram: Buffer): { readonly packet: RadiusPacket } | { readonly fault: PacketFault } => {
  if (datagram.length < headerLength) return { fault: "shorter than a header" };
  const length = datagram.readUInt16BE(2);
  if (length < headerLength) return { fault: "length field below a header" };
  if (length > maxPacketLength) return { fault: "length field above 4096" };
  if (length > datagram.length) return { fault: "length field beyond the datagram" };
  const offsets: number[] = [];
  let at = headerLength;
  while (at < length) {
    const attributeLength = at + 1 < length ? datagram[at + 1]! : 0;
    if (attributeLength < 2) return { fault: "attribute shorter than its header" };
    if (at + attributeLength > length) return { fault: "attribute beyond the packet" };
    offsets.push(at);
    at += attributeLength;
  }
  const bytes = length === datagram.length ? datagram : datagram.subarray(0, length);
  return { packet: { code: bytes[0]!, identifier: bytes[1]!, bytes, offsets } };
};

/** The authenticator field, 16 octets within the packet's memory. */
export const authenticatorOf = (packet: RadiusPacket): Buffer => packet.bytes.subarray(4, headerLength);

/** The value of the attribute that begins at an offset, within the packet's memory. */
export const valueAt = (packet: RadiusPacket, offset: number): Buffer =>
  packet.bytes.subarray(offset + 2, offset + packet.bytes[offset + 1]!);

/** The offsets of all attributes of a number, in order. */
export const offsetsOf = (packet: RadiusPacket, number: number): number[] => packet.offsets.filter((at) => packet.bytes[at] === number);

/** Whether the packet holds an attribute of a number. */
export const hasAttribute = (packet: RadiusPacket, number: number): boolean => packet.offsets.some((at) => packet.bytes[at] === number);

/** The values of all attributes of a number, in order. */
export const valuesOf = (packet: RadiusPacket, number: number): Buffer[] => offsetsOf(packet, number).map((at) => valueAt(packet, at));
