import type { AttributeListCheck, AttributeNaming, SecretCheck } from "../modules/accounts/aaa-profiles/index.ts";
import { type AttributeSpelling, checkPattern, type RequestSpelling } from "../modules/network/network-access/index.ts";
import { attributeListFaults, canonicalValue } from "../radius/protocol/dictionary/attribute-faults.ts";
import { findAttribute } from "../radius/protocol/dictionary/attribute-names.ts";
import { nameAttribute, nameWithTag, resolveAttribute } from "../radius/protocol/dictionary/attribute-resolving.ts";
import { encodeReply } from "../radius/protocol/dictionary/reply-encoding.ts";
import { isSecretValue } from "../radius/protocol/dictionary/secret-values.ts";

/** Attributes as the dictionary writes them: profiles and requests are compared in this spelling. */
const dictionarySpelling: AttributeSpelling & RequestSpelling = {
  name(name) {
    const found = findAttribute(name);
    // A profile holds by numbers only what its name could not say.
    return found === undefined || found.isByNumber ? name : nameWithTag(found);
  },
  value: (name, value) => canonicalValue(name, value) ?? value,
  received(name, value) {
    const found = resolveAttribute(name, value);
    if (found === undefined) return { name, value };
    if (found.isByNumber && found.definition.isSecret) return undefined;
    const canonical = canonicalValue(name, value);
    // What does not fit a known attribute stands under its numbers, as the embedded RADIUS server reads it (RFC 6929 §2.8).
    if (found.isByNumber && canonical === undefined) return { name, value };
    return { name: nameWithTag(found), value: canonical ?? value };
  },
  isSecret: isSecretValue,
};

/** Which attributes hold passwords and keys: they are sealed at rest, and masked where they are shown. */
export const dictionarySecrets: SecretCheck = isSecretValue;

/** Attributes that are given by numbers that the dictionary knows, by their names: so they are stored, shown and answered. */
const dictionaryNaming: AttributeNaming = nameAttribute;

/** What is wrong with the attributes of a profile. Patterns are checked by the engine that will run them. */
const dictionaryCheck: AttributeListCheck = (list, attributes) => attributeListFaults(list, attributes, checkPattern);

/** The dictionary, as modules ask it that must not import it. */
export const attributeDictionary = {
  spelling: dictionarySpelling,
  checkAttributes: dictionaryCheck,
  isSecret: dictionarySecrets,
  nameAttribute: dictionaryNaming,
  encodeReply,
} as const;
