import { resolveAttribute } from "./attribute-resolving.ts";

/** What vendors call passwords and keys; it finds those that no dictionary of ours names. */
const secretName =
  /pass(?:word|phrase|wd)|\bpsk\b|-psk|dpsk|(?:shared|pre-?shared|enc(?:ryption)?|session|send|recv|private|mp)-?key\b|secret/i;
/** `Cisco-AVPair := "psk=…"` and its like: a secret within a text of names and values. */
const secretPair = /(?:^|[:;,#\s])[\w.-]*(?:psk|pass(?:word|phrase|wd)?|secret|(?:^|[-_])key)\s*=\s*\S/i;
const numbersInName = new Set(["password-retry", "ms-acct-eap-type"]);

/** Whether an attribute of a profile holds a password or a key, by its name or by what stands in it. */
export const isSecretValue = (attribute: string, value: string): boolean => {
  const found = resolveAttribute(attribute, value);
  const definition = found?.definition;
  if (definition?.isSecret) return true;
  const name = (definition?.name ?? attribute).toLowerCase();
  const isText = definition === undefined || definition.type === "string" || definition.type === "octets";
  return isText && !numbersInName.has(name) && (secretName.test(name) || secretPair.test(found?.text ?? value));
};
