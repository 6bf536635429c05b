import { directorySchemes, storedDigest } from "./directory-digests.ts";
import { isForeignHash } from "./foreign-hashes.ts";

/** What a request may say that the text of a password is. */
export type PasswordScheme = "auto" | "clear" | "nt" | "md5" | "sha1" | "ssha" | "crypt";

/** How the text of a password field is to be kept; a hash in the one way in which it is stored. */
export type PasswordText = { kind: "clear" } | { kind: "hash"; stored: string } | { kind: "broken"; sentence: string };

/** A hash format: what it begins with, its whole grammar, and the bound on what verifying it may cost. */
interface HashFormat {
  readonly begins: RegExp;
  readonly grammar: RegExp;
  readonly costIsBounded: (match: RegExpExecArray) => boolean;
}

const base64 = "[A-Za-z0-9+/]";
/** Base64 without padding, of so many characters; no bytes have four times some and one more. */
const wholeBase64 = (least: number, most: number): string => `(?!(?:${base64}{4})*${base64}(?:\\$|$))${base64}{${least},${most}}`;
const cryptBase64 = "[./A-Za-z0-9]";
/** What crypt(3) takes for a salt: printable, and nothing that ends a field of a password file. */
const saltCharacter = "[!-#%-9;-~]";

const between = (text: string | undefined, lowest: number, highest: number): boolean => {
  const value = Number(text);
  return Number.isInteger(value) && value >= lowest && value <= highest;
};

const maxShaRounds = 200_000;
const unbounded = () => true;

const shaCrypt = (digit: 5 | 6, length: number): HashFormat => ({
  begins: new RegExp(`^\\$${digit}\\$`),
  grammar: new RegExp(`^\\$${digit}\\$(?:rounds=(\\d{1,9})\\$)?${saltCharacter}{0,16}\\$${cryptBase64}{${length}}$`),
  costIsBounded: (match) => match[1] === undefined || between(match[1], 1_000, maxShaRounds),
});

const bcrypt = { rest: `\\$(\\d{2})\\$${cryptBase64}{53}$`, costIsBounded: ([, cost]: RegExpExecArray) => between(cost, 4, 14) };

/** What crypt(3) makes. */
const cryptFormats: readonly HashFormat[] = [
  { begins: /^\$2[aby]\$/, grammar: new RegExp(`^\\$2[aby]${bcrypt.rest}`), costIsBounded: bcrypt.costIsBounded },
  { begins: /^\$1\$/, grammar: new RegExp(`^\\$1\\$${saltCharacter}{0,8}\\$${cryptBase64}{22}$`), costIsBounded: unbounded },
  { begins: /^\$apr1\$/, grammar: new RegExp(`^\\$apr1\\$${saltCharacter}{0,8}\\$${cryptBase64}{22}$`), costIsBounded: unbounded },
  shaCrypt(5, 43),
  shaCrypt(6, 86),
];

const formats: readonly HashFormat[] = [
  ...cryptFormats,
  {
    begins: /^\$argon2id\$/,
    grammar: new RegExp(
      `^\\$argon2id\\$v=19\\$m=([1-9]\\d{0,6}),t=([1-9]\\d{0,2}),p=([1-9]\\d{0,2})\\$${wholeBase64(11, 86)}\\$${wholeBase64(16, 171)}$`,
    ),
    costIsBounded: ([, memoryKib, passes, lanes]) =>
      between(memoryKib, 8, 65_536) && between(passes, 1, 10) && between(lanes, 1, 16) && Number(memoryKib) >= 8 * Number(lanes),
  },
  {
    begins: /^pbkdf2_sha256\$/,
    grammar: new RegExp(`^pbkdf2_sha256\\$(\\d{1,8})\\$[^$]{1,128}\\$${base64}{43}=$`),
    costIsBounded: ([, iterations]) => between(iterations, 1, 2_000_000),
  },
  {
    begins: /^bcrypt_sha256\$/,
    grammar: new RegExp(`^bcrypt_sha256\\$\\$2[aby]${bcrypt.rest}`),
    costIsBounded: bcrypt.costIsBounded,
  },
];

const supported =
  "Supported are $argon2id$, $2a$, $2b$, $2y$, $1$, $apr1$, $5$, $6$, Django's argon2$, bcrypt_sha256$, bcrypt$ and pbkdf2_sha256$, " +
  `${directorySchemes.join(", ")}, {NT} and {CRYPT}.`;

const broken = (sentence: string): PasswordText => ({ kind: "broken", sentence });
const notWhole = broken("Begins like a password hash but is not a whole one.");
const tooExpensive = broken(
  "This password hash costs more to verify than is accepted (bcrypt 14, Argon2 64 MiB and 10 passes, PBKDF2 2,000,000, SHA-crypt 200,000 rounds).",
);
const notUnderstood = broken(
  `Looks like a password hash of a scheme that is not supported, or like a line of a password file. ${supported} Say password_scheme "clear" if this is the password itself.`,
);

/** Reads a text by the formats that it may have; undefined where it begins like none of them. */
const readFormat = (text: string, among: readonly HashFormat[]): PasswordText | undefined => {
  const format = among.find(({ begins }) => begins.test(text));
  if (!format) return undefined;
  const match = format.grammar.exec(text);
  if (!match) return notWhole;
  return format.costIsBounded(match) ? { kind: "hash", stored: text } : tooExpensive;
};

const readCrypt = (text: string): PasswordText =>
  readFormat(text, cryptFormats) ?? broken("Is no crypt(3) string of a supported scheme: $1$, $apr1$, $2a$, $2b$, $2y$, $5$ or $6$.");

/** The content behind `{SCHEME}`, or what a scheme's own name says that the whole text is. */
const readBraced = (scheme: string, content: string): PasswordText => {
  if (scheme === "CRYPT") return readCrypt(content);
  const stored = scheme === "NT" ? storedNt(content) : storedDigest(scheme, content);
  if (stored !== undefined) return { kind: "hash", stored };
  return scheme === "NT" || directorySchemes.includes(`{${scheme}}`) ? notWhole : notUnderstood;
};

const storedNt = (content: string): string | undefined => (/^[\da-f]{32}$/i.test(content) ? `{NT}${content.toLowerCase()}` : undefined);

/** Whatever stands in the braces: what is no scheme that is understood is no password either. */
const braced = /^\{([\w.+-]+(?=\})|[^{}]*(?=\}.))\}/s;
/** Blanks and marks of byte order that a file or a form leaves before a hash. */
const blanks = /^[\s\uFEFF\u200B]+/;
/** Whether a text begins like a hash, behind which a scheme that is understood may stand. */
const isKnown = (text: string): boolean => braced.test(text) || formats.some(({ begins }) => begins.test(text));

const readAuto = (text: string): PasswordText => {
  const scheme = braced.exec(text);
  if (scheme) return readBraced(scheme[1]!.toUpperCase(), text.slice(scheme[0].length));
  const bare = text.replace(blanks, "");
  if (bare !== text && (isKnown(bare) || isForeignHash(bare, isKnown))) return notWhole;
  // Django writes its own name before what the library made.
  const inner = /^(?:argon2(?=\$argon2id\$)|bcrypt\$(?=\$2[aby]\$))/.exec(text)?.[0] ?? "";
  return readFormat(text.slice(inner.length), formats) ?? (isForeignHash(text, isKnown) ? notUnderstood : { kind: "clear" });
};

const named = { nt: "NT", md5: "MD5", sha1: "SHA", ssha: "SSHA", crypt: "CRYPT" } as const;

/**
 * Distinguishes a password in clear from a hash. What looks like a hash and is not understood is neither: if it became the password,
 * everybody who sees the list that it came from could log in with it.
 */
export const classifyPassword = (text: string, scheme: PasswordScheme = "auto"): PasswordText => {
  if (scheme === "clear") return { kind: "clear" };
  if (scheme === "auto") return readAuto(text);
  const begins = braced.exec(text);
  if (!begins) return readBraced(named[scheme], text);
  if (begins[1]!.toUpperCase() !== named[scheme]) return broken(`Is of another scheme than password_scheme "${scheme}" says.`);
  return readBraced(named[scheme], text.slice(begins[0].length));
};
