import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/** Seals and opens single values. What is sealed for one place does not open at another. */
export interface SecretBox {
  /** Encrypts; `place` names where the value lives, such as `user_extra.tax_id/1/42`. */
  seal(plain: string, place: string): string;
  /** Decrypts what `seal` gave for the same place; throws when key, place or content differ. */
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

const signatureBytes = 12;

/** HMAC-SHA256 under a key derived from the configured one for one purpose: what is signed for another does not pass. */
export const createSigner = (key: Buffer, purpose: string): Signer => {
  const signingKey = derive(key, `sign/${purpose}`);
  const digest = (text: string) => createHmac("sha256", signingKey).update(text).digest().subarray(0, signatureBytes);
  return {
    sign: (text) => digest(text).toString("base64url"),
    isSignedBy(text, signature) {
      const given = Buffer.from(signature, "base64url");
      return given.length === signatureBytes && timingSafeEqual(given, digest(text));
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
      if (version !== keyVersion || content === undefined) throw new Error("A stored value was sealed by an unknown key version.");
      const bytes = Buffer.from(content, "base64");
      const decipher = createDecipheriv("aes-256-gcm", boxKey, bytes.subarray(0, ivLength))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-tagLength));
      return decipher.update(bytes.subarray(ivLength, -tagLength), undefined, "utf8") + decipher.final("utf8");
    },
  };
};
