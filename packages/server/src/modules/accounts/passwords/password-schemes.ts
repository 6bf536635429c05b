import { hash as digest, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { shaCrypt } from "./sha-crypt.ts";

type Scheme = (password: Buffer, stored: string) => Promise<boolean>;

const derive = promisify(pbkdf2);
const sha1Length = 20;
const pbkdf2Length = 32;

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

/** Django's form: `pbkdf2_sha256$<iterations>$<salt>$<base64>`. */
const pbkdf2Sha256: Scheme = async (password, stored) => {
  const [, iterations, salt, wanted] = stored.split("$");
  return isSame(await derive(password, salt!, Number(iterations), pbkdf2Length, "sha256"), Buffer.from(wanted!, "base64"));
};

/** RFC 2307's salted SHA-1: the digest of password and salt, then the salt. */
const ssha: Scheme = async (password, stored) => {
  const content = Buffer.from(stored.slice("{SSHA}".length), "base64");
  const computed = digest("sha1", Buffer.concat([password, content.subarray(sha1Length)]), "buffer");
  return isSame(computed, content.subarray(0, sha1Length));
};

const shaCrypts: Scheme = async (password, stored) => isSame(Buffer.from(await shaCrypt(password, stored)), Buffer.from(stored));

const schemes: readonly (readonly [begins: RegExp, scheme: Scheme])[] = [
  [/^\$argon2id\$/, (password, stored) => verifyArgon2(stored, password)],
  [/^\$2[aby]\$/, (password, stored) => verifyBcrypt(password, stored)],
  [/^pbkdf2_sha256\$/, pbkdf2Sha256],
  [/^\$[56]\$/, shaCrypts],
  [/^\{SSHA\}/, ssha],
];

/**
 * Whether a stored hash was made of this password, by the hash's own scheme and in constant time. A hash that its
 * scheme cannot read is nobody's: only whole ones of bounded cost are stored.
 */
export const isMadeOf = async (stored: string, password: Buffer): Promise<boolean> => {
  const scheme = schemes.find(([begins]) => begins.test(stored))?.[1];
  if (!scheme) return false;
  try {
    return await scheme(password, stored);
  } catch {
    // A text of the right shape can still hold what the library calls no hash.
    return false;
  }
};
