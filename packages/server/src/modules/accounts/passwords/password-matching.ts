import { hash as digest, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { DomainError } from "../../../kernel/errors.ts";
import type { Crypt } from "./crypt-threads.ts";
import { isDigestOf } from "./directory-digests.ts";
import { md4 } from "./md4.ts";
import { withoutSurplusBits } from "./surplus-bits.ts";

type Scheme = (password: Buffer, stored: string, crypt: Crypt) => Promise<boolean>;

const derive = promisify(pbkdf2);
const pbkdf2Length = 32;

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

/** Django's form: `pbkdf2_sha256$<iterations>$<salt>$<base64>`. */
const pbkdf2Sha256: Scheme = async (password, stored) => {
  const [, iterations, salt, wanted] = stored.split("$");
  return isSame(await derive(password, salt!, Number(iterations), pbkdf2Length, "sha256"), Buffer.from(wanted!, "base64"));
};

/** Django's form around bcrypt: of the password's SHA-256 in hexadecimal, so that none of it is ignored. */
const bcryptSha256: Scheme = (password, stored) => verifyBcrypt(digest("sha256", password, "hex"), stored.slice("bcrypt_sha256$".length));

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Windows' hash: MD4 of the password in UTF-16. */
const nt: Scheme = async (password, stored) =>
  isSame(md4(Buffer.from(utf8.decode(password), "utf16le")), Buffer.from(stored.slice("{NT}".length), "hex"));

const crypts: Scheme = async (password, stored, crypt) => isSame(Buffer.from(await crypt(password, stored)), Buffer.from(stored));

const schemes: readonly (readonly [begins: RegExp, scheme: Scheme])[] = [
  [/^\$argon2id\$/, (password, stored) => verifyArgon2(stored, password)],
  [/^\$2[aby]\$/, (password, stored) => verifyBcrypt(password, stored)],
  [/^pbkdf2_sha256\$/, pbkdf2Sha256],
  [/^\$(?:1|apr1|5|6)\$/, crypts],
  [/^bcrypt_sha256\$/, bcryptSha256],
  [/^\{NT\}/, nt],
  [/^\{S?(?:MD5|SHA)/, async (password, stored) => isDigestOf(password, stored)],
];

/**
 * Whether a stored hash was made of this password, by the hash's own scheme and in constant time. A hash that its
 * scheme cannot read is nobody's: only whole ones of bounded cost are stored. `crypt` makes the strings that JavaScript makes;
 * where it is unavailable, so is the verdict.
 */
export const isMadeOf = async (stored: string, password: Buffer, crypt: Crypt): Promise<boolean> => {
  const scheme = schemes.find(([begins]) => begins.test(stored))?.[1];
  if (!scheme) return false;
  try {
    return await scheme(password, withoutSurplusBits(stored), crypt);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    // A text of the right shape can still hold what the library calls no hash.
    return false;
  }
};

/** bcrypt reads 72 bytes with the NUL that ends them: what has 72 may be the beginning of something longer. */
const bcryptReads = 72;

/**
 * Whether the scheme of a stored hash reads all of a password. Where it does not, what fits it need not be the password that
 * it was made of. A NUL ends what C programs read, and is what HMAC and bcrypt fill up with.
 */
export const isReadWhole = (stored: string, password: Buffer): boolean =>
  !password.includes(0) && (!/^\$2[aby]\$/.test(stored) || password.length < bcryptReads);
