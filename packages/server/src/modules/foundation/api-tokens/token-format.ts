import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** What every generated token begins with, so that people and leak scanners recognize one. */
export const tokenPrefix = "gate_";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretLength = 40;
const checksumLength = 6;

/** A new token: the prefix, 238 random bits, and a checksum that tells a mistyped token from an unknown one. */
export const generateToken = (): string => {
  const secret = Array.from(randomDigits(secretLength), (digit) => alphabet[digit]).join("");
  return tokenPrefix + secret + checksumOf(secret);
};

/**
 * Whether a string has the prefix, the length and the checksum of a generated token: the definition that leak scanners
 * are given. It is no protection: the first token may be one that the installation chose itself.
 */
export const looksGenerated = (token: string): boolean => {
  const body = token.slice(tokenPrefix.length);
  return (
    token.startsWith(tokenPrefix) &&
    body.length === secretLength + checksumLength &&
    checksumOf(body.slice(0, secretLength)) === body.slice(secretLength)
  );
};

/** What is stored of a token: its SHA-256. Tokens are long and random, so a slow hash would add nothing but cost. */
export const hashToken = (token: string): string => hash("sha256", token, "base64url");

const checksumOf = (secret: string): string => {
  let rest = crc32(secret);
  let text = "";
  for (let index = 0; index < checksumLength; index += 1) {
    text = alphabet[rest % alphabet.length] + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
};

/** Random digits of base 62, without the bias of a remainder. */
function* randomDigits(count: number): Generator<number> {
  let given = 0;
  while (given < count) {
    for (const byte of randomBytes(count)) {
      if (byte >= alphabet.length * 4 || given === count) continue;
      given += 1;
      yield byte % alphabet.length;
    }
  }
}
