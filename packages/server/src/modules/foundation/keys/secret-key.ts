import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { DamagedValue } from "../../../storage/columns.ts";

/** Seals and opens single values. What is sealed for one place does not open at another. */
export interface SecretBox {
  /** Encrypts; `place` names where the value lives, such as `user_extra.tax_id/1/42`. */
  seal(plain: string, place: string): string;
  /** Decrypts what `seal` gave for the same place. Throws DamagedValue when key, place or content differ. */
  open(sealed: string, place: string): string;
}

/** Names the key that sealed a value, so that a later key can stand beside it. */
const keyVersion = "v1";
const ivLength = 12;
const tagLength = 16;

const derive = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", `gatehouse/${purpose}`, 32));

/** Signs texts, so that one that comes back is known to be ours and whole. */
export interface Signer {
  /** Sixteen characters that nobody without the key can make. */
  sign(text: string): string;
  /** Whether a signature is the text's; compared in constant time. */
  isSignedBy(text: string, signature: string): boolean;
}

/** Twelve octets in base64. */
const signatureCharacters = 16;
/** SHA-256 works on blocks of 64 octets; a derived key has 32. */
const padded = (key: Buffer, octet: number): Buffer => Buffer.from(Array.from({ length: 64 }, (_, index) => octet ^ (key[index] ?? 0)));

/** HMAC-SHA256 under a key derived from the configured one for one purpose: what is signed for another does not pass. */
export const createSigner = (key: Buffer, purpose: string): Signer => {
  const signingKey = derive(key, `sign/${purpose}`);
  const [inner, outer] = [padded(signingKey, 0x36), padded(signingKey, 0x5c)];
  // RFC 2104 §2 by two calls of `hash`: `createHmac` makes objects that the garbage collector pays for, at each login.
  const digest = (text: string): string =>
    hash("sha256", Buffer.concat([outer, hash("sha256", Buffer.concat([inner, Buffer.from(text)]), "buffer")]), "base64url");
  return {
    sign: (text) => digest(text).slice(0, signatureCharacters),
    isSignedBy(text, signature) {
      const given = Buffer.from(signature);
      return given.length === signatureCharacters && timingSafeEqual(given, Buffer.from(digest(text).slice(0, signatureCharacters)));
    },
  };
};

/** What the database keeps of the key, to refuse another one; it tells nothing of the key itself. */
export const fingerprintOf = (key: Buffer): string => derive(key, "fingerprint").toString("base64url");

/** AES-256-GCM under a key derived from the configured one; the place is authenticated with the value. */
export const createSecretBox = (key: Buffer): SecretBox => {
  const boxKey = derive(key, "box");
  return {
    seal(plain, place) {
      const iv = randomBytes(ivLength);
      const cipher = createCipheriv("aes-256-gcm", boxKey, iv).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([iv, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${keyVersion}:${sealed.toString("base64")}`;
    },
    open(sealed, place) {
      const [version, content] = sealed.split(":");
      if (version !== keyVersion || content === undefined) throw new DamagedValue("A stored value was sealed by an unknown key version.");
      const bytes = Buffer.from(content, "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", boxKey, bytes.subarray(0, ivLength))
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(-tagLength));
        return decipher.update(bytes.subarray(ivLength, -tagLength), undefined, "utf8") + decipher.final("utf8");
      } catch (cause) {
        throw new DamagedValue("A stored secret cannot be opened: it is damaged, or it was sealed under another key.", { cause });
      }
    },
  };
};
