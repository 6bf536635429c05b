import { resolveAttribute } from "./attribute-resolving.ts";

/** What vendors call passwords and keys; it finds those that no dictionary of ours names. */
const secretName =
  /pass(?:word|phrase|wd)|\bpsk\b|-psk|dpsk|(?:shared|pre-?shared|enc(?:ryption)?|session|send|recv|private|mp)-?key\b|secret/i;
/** `psk=…` and its like: a secret within a text of names and values. */
const secretPair = /(?:^|[:;,#\s])[\w.-]*(?:psk|pass(?:word|phrase|wd)?|secret|(?:^|[-_])key)\s*=\s*\S/i;
/**
 * A vendor's text may be a line of its equipment's configuration, such as `crypto isakmp key S address …`: whatever follows a
 * word for a secret is taken for one. In doubt it is masked, for who may write the profile still sees it.
 */
const secretInCommand =
  /(?:key(?:[-_]?(?:string|hash))?s?|(?<![a-z])pass|pass(?:word|phrase|code|wd)s?|(?<![a-z])pwd|secrets?|psk|community|credentials?|token)[-_#]?\d{0,3}["']?(?:\s*[=:,]+\s*|\s+)["']?[^\s"']/i;
const numbersInName = new Set(["password-retry", "ms-acct-eap-type"]);

/** Whether an attribute of a profile holds a password or a key, by its name or by what stands in it. */
export const isSecretValue = (attribute: string, value: string): boolean => {
  const found = resolveAttribute(attribute, value);
  const definition = found?.definition;
  if (definition?.isSecret) return true;
  const name = (definition?.name ?? attribute).toLowerCase();
  const isText = definition === undefined || definition.type === "string" || definition.type === "octets";
  if (!isText || numbersInName.has(name)) return false;
  const text = definition?.type === "octets" ? textOfOctets(value) : (found?.text ?? value);
  const isOfVendor = definition?.vendor !== undefined || name.startsWith("attr-") || name.includes("avp");
  return secretName.test(name) || secretPair.test(text) || (isOfVendor && secretInCommand.test(text));
};

/** What octets say that were given in hexadecimal. */
const textOfOctets = (value: string): string => (/^0x/i.test(value) ? Buffer.from(value.slice(2), "hex").toString("latin1") : value);
