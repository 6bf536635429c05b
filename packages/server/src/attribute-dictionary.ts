import type { AttributeListCheck, SecretCheck } from "./modules/accounts/aaa-profiles/index.ts";
import { type AttributeSpelling, judgePattern } from "./modules/network/network-access/index.ts";
import { attributeListFaults, canonicalValue } from "./radius-protocol/dictionary/attribute-faults.ts";
import { findAttribute } from "./radius-protocol/dictionary/attribute-names.ts";
import { isSecretValue } from "./radius-protocol/dictionary/secret-values.ts";

/** Attributes as the dictionary writes them: profiles and requests are compared in this spelling. */
export const dictionarySpelling: AttributeSpelling = {
  name(name) {
    const found = findAttribute(name);
    if (!found) return name;
    return found.tag === undefined ? found.definition.name : `${found.definition.name}:${found.tag}`;
  },
  value: (name, value) => canonicalValue(name, value) ?? value,
  isSecret: isSecretValue,
};

/** Which attributes hold passwords and keys: they are sealed at rest, and masked where they are shown. */
export const dictionarySecrets: SecretCheck = isSecretValue;

/** What the dictionary has against the attributes of a profile. Patterns are judged by the engine that will read them. */
export const dictionaryCheck: AttributeListCheck = (list, attributes) => attributeListFaults(list, attributes, judgePattern);
