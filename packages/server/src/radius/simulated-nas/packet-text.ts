import { findAttribute } from "../protocol/dictionary/attribute-names.ts";
import { readAttributes } from "../protocol/dictionary/attribute-reading.ts";
import type { RadiusPacket } from "../protocol/packet/packet.ts";
import { packetCode } from "../protocol/packet/packet-code.ts";

const names: Readonly<Record<number, string>> = {
  [packetCode.accessAccept]: "Access-Accept",
  [packetCode.accessReject]: "Access-Reject",
  [packetCode.accessChallenge]: "Access-Challenge",
  [packetCode.accountingResponse]: "Accounting-Response",
  [packetCode.disconnectRequest]: "Disconnect-Request",
  [packetCode.coaRequest]: "CoA-Request",
};

/** What a packet is called; a number where it has no name here. */
export const nameOfPacket = ({ code }: RadiusPacket): string => names[code] ?? `Code ${code}`;

/** The attributes of a packet as radclient writes them, one a line: `Session-Timeout = 600`, texts in quotes; passwords and signatures never. */
export const attributeLines = (packet: RadiusPacket): string[] =>
  Object.entries(readAttributes(packet)).flatMap(([name, values]) => {
    const isText = findAttribute(name)?.definition.type === "string";
    return values.map((value) => `${name} = ${isText ? JSON.stringify(value) : value}`);
  });
