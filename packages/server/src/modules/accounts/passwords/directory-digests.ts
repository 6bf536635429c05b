import { hash, timingSafeEqual } from "node:crypto";

/** A digest that a directory keeps: base64 of the digest, and behind it the salt where the scheme has one. */
interface DirectoryDigest {
  readonly algorithm: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  readonly length: number;
  readonly isSalted: boolean;
}

const plain = (algorithm: DirectoryDigest["algorithm"], length: number): DirectoryDigest => ({ algorithm, length, isSalted: false });
const salted = (algorithm: DirectoryDigest["algorithm"], length: number): DirectoryDigest => ({ algorithm, length, isSalted: true });

/** RFC 2307's schemes, and those that OpenLDAP and 389 Directory Server have beside them. */
const digests: Readonly<Record<string, DirectoryDigest>> = {
  MD5: plain("md5", 16),
  SMD5: salted("md5", 16),
  SHA: plain("sha1", 20),
  SSHA: salted("sha1", 20),
  SHA256: plain("sha256", 32),
  SSHA256: salted("sha256", 32),
  SHA384: plain("sha384", 48),
  SSHA384: salted("sha384", 48),
  SHA512: plain("sha512", 64),
  SSHA512: salted("sha512", 64),
};

export const directorySchemes: readonly string[] = Object.keys(digests).map((name) => `{${name}}`);

const maxSaltLength = 64;

/**
 * The one way in which a directory's digest is stored, `{SCHEME}` in capitals and base64. Undefined where the content is not
 * a whole one, in base64 or hexadecimal.
 */
export const storedDigest = (scheme: string, content: string): string | undefined => {
  const digest = digests[scheme];
  const bytes = digest && bytesOf(content, digest);
  if (!bytes) return undefined;
  const saltLength = bytes.length - digest.length;
  const fits = digest.isSalted ? saltLength >= 1 && saltLength <= maxSaltLength : saltLength === 0;
  return fits ? `{${scheme}}${bytes.toString("base64")}` : undefined;
};

/** Hexadecimal could be base64 of other bytes; that base64 of a digest happens to have such letters alone does not occur. */
const isHexadecimal = (content: string, { length, isSalted }: DirectoryDigest): boolean =>
  (isSalted ? content.length > 2 * length : content.length === 2 * length) && /^(?:[\da-fA-F]{2})+$/.test(content);

const bytesOf = (content: string, digest: DirectoryDigest): Buffer | undefined => {
  if (isHexadecimal(content, digest)) return Buffer.from(content, "hex");
  // The digest alone, where a salt must follow it.
  if (digest.isSalted && content.length === 2 * digest.length && /^[\da-fA-F]+$/.test(content)) return undefined;
  const bytes = Buffer.from(content, "base64");
  const isWhole = bytes.toString("base64").replace(/=+$/, "") === content.replace(/=+$/, "");
  return isWhole && /^[^=]*={0,2}$/.test(content) ? bytes : undefined;
};

/** Whether a stored digest was made of this password. */
export const isDigestOf = (password: Buffer, stored: string): boolean => {
  const [, scheme = "", content = ""] = /^\{(\w+)\}(.*)$/.exec(stored) ?? [];
  const digest = digests[scheme];
  if (!digest) return false;
  const bytes = Buffer.from(content, "base64");
  const computed = hash(digest.algorithm, Buffer.concat([password, bytes.subarray(digest.length)]), "buffer");
  return bytes.length >= computed.length && timingSafeEqual(computed, bytes.subarray(0, digest.length));
};
