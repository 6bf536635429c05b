const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const bcryptBase64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const cryptBase64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The text with those bits of its last character cleared that belong to no byte; crypt(3)'s own base64 has them at the other end. */
const cleared = (text: string, alphabet: string, { lowFirst = false } = {}): string => {
  const surplus = (text.length * 6) % 8;
  const value = alphabet.indexOf(text.at(-1)!);
  const kept = lowFirst ? value & ((1 << (6 - surplus)) - 1) : value & (63 << surplus);
  return text.slice(0, -1) + alphabet[kept];
};

const argon2 = /^(\$argon2id\$.*\$)([^$]+)\$([^$]+)$/;
const bcrypt = /^(.*\$2[aby]\$\d\d\$)(.{22})(.{31})$/;
const crypt = /^(\$(?:1|apr1|5|6)\$.*\$)([^$]+)$/;

/**
 * A stored hash as its scheme writes it. Bytes do not fill up the characters of base64: what stands in the bits that are
 * left over says nothing, and yet some programs fill them, and libraries take such a hash for none or for another one.
 */
export const withoutSurplusBits = (stored: string): string => {
  const [, ofArgon, salt, tag] = argon2.exec(stored) ?? [];
  if (ofArgon !== undefined) return `${ofArgon}${cleared(salt!, base64)}$${cleared(tag!, base64)}`;
  const [, ofBcrypt, bcryptSalt, checksum] = bcrypt.exec(stored) ?? [];
  if (ofBcrypt !== undefined) return ofBcrypt + cleared(bcryptSalt!, bcryptBase64) + cleared(checksum!, bcryptBase64);
  const [, ofCrypt, digest] = crypt.exec(stored) ?? [];
  return ofCrypt === undefined ? stored : ofCrypt + cleared(digest!, cryptBase64, { lowFirst: true });
};
