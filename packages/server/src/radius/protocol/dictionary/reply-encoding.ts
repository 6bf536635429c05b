import { type AttributeText, type Encoded, encodeAttributes, type HidingContext } from "./attribute-encoding.ts";
import { findAttribute } from "./attribute-names.ts";

/**
 * Encodes the attributes of an answer, in order, into at most so many octets. Nothing is left out: an attribute that cannot be
 * written may be the one that restricts the access, so it is a fault of the whole answer.
 */
export const encodeReply = (
  reply: readonly { readonly attribute: string; readonly value: string }[],
  context: HidingContext & { readonly maxOctets: number },
): Encoded => {
  const own = reply.find(({ attribute }) => findAttribute(attribute)?.definition.use === "protocol");
  if (own !== undefined) return { fault: `${own.attribute} is written by the protocol itself.` };
  const attributes = reply.map(({ attribute, value }): AttributeText => ({ name: attribute, value }));
  const encoded = encodeAttributes(attributes, context);
  if ("octets" in encoded && encoded.octets.length > context.maxOctets) return { fault: "The answer is longer than 4,096 octets." };
  return encoded;
};
