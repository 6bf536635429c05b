/** How the text of a password field is to be kept. */
export type PasswordText = { kind: "clear" } | { kind: "hash" } | { kind: "broken"; sentence: string };

/** A hash format: what it begins with, its whole grammar, and the bound on what verifying it may cost. */
interface HashFormat {
  readonly begins: RegExp;
  readonly grammar: RegExp;
  readonly costIsBounded: (match: RegExpExecArray) => boolean;
}

const base64 = "[A-Za-z0-9+/]";
const cryptBase64 = "[./A-Za-z0-9]";

const between = (text: string | undefined, lowest: number, highest: number): boolean => {
  const value = Number(text);
  return Number.isInteger(value) && value >= lowest && value <= highest;
};

const shaCrypt = (digit: 5 | 6, length: number): HashFormat => ({
  begins: new RegExp(`^\\$${digit}\\$`),
  grammar: new RegExp(`^\\$${digit}\\$(?:rounds=(\\d{1,9})\\$)?[^$:\\s]{1,16}\\$${cryptBase64}{${length}}$`),
  costIsBounded: (match) => match[1] === undefined || between(match[1], 1_000, 2_000_000),
});

const formats: readonly HashFormat[] = [
  {
    begins: /^\$argon2id\$/,
    grammar: new RegExp(`^\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,3})\\$${base64}{11,86}\\$${base64}{16,171}$`),
    costIsBounded: ([, memoryKib, passes, lanes]) =>
      between(memoryKib, 8, 65_536) && between(passes, 1, 10) && between(lanes, 1, 16) && Number(memoryKib) >= 8 * Number(lanes),
  },
  {
    begins: /^\$2[aby]\$/,
    grammar: new RegExp(`^\\$2[aby]\\$(\\d{2})\\$${cryptBase64}{53}$`),
    costIsBounded: ([, cost]) => between(cost, 4, 14),
  },
  {
    begins: /^pbkdf2_sha256\$/,
    grammar: new RegExp(`^pbkdf2_sha256\\$(\\d{1,8})\\$[^$]{1,128}\\$${base64}{43}=$`),
    costIsBounded: ([, iterations]) => between(iterations, 1, 2_000_000),
  },
  shaCrypt(5, 43),
  shaCrypt(6, 86),
  {
    begins: /^\{SSHA\}/,
    // 20 octets of SHA-1 and a salt of 4 to 32.
    grammar: new RegExp(`^\\{SSHA\\}(${base64}{32,70}={0,2})$`),
    costIsBounded: ([, content]) => Buffer.from(content!, "base64").length >= 24 && content!.length % 4 === 0,
  },
];

/** Tells a password in clear from a hash in a known format; a hash that does not parse whole is neither. */
export const classifyPassword = (text: string): PasswordText => {
  const format = formats.find(({ begins }) => begins.test(text));
  if (!format) return { kind: "clear" };
  const match = format.grammar.exec(text);
  if (!match) return { kind: "broken", sentence: "Begins like a password hash but is not a whole one." };
  if (!format.costIsBounded(match)) {
    return {
      kind: "broken",
      sentence: "This password hash costs more to verify than is accepted (bcrypt 14, Argon2 64 MiB and 10 passes, PBKDF2 2,000,000).",
    };
  }
  return { kind: "hash" };
};
