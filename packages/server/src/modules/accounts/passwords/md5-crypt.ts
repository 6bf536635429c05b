import { hash as digest } from "node:crypto";
import { inCryptBase64 } from "./crypt-base64.ts";

const rounds = 1_000;
const maxSaltLength = 8;
const order = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11];

/**
 * The MD5-crypt string of a password under the name (`$1$`, or Apache's `$apr1$`) and salt of `stored`, to be compared with
 * it. Its thousand rounds are fixed and take a millisecond.
 */
export const md5Crypt = (password: Buffer, stored: string): string => {
  const [, name, saltText] = /^(\$(?:1|apr1)\$)([^$]*)/.exec(stored)!;
  const hash = (...parts: Buffer[]) => digest("md5", Buffer.concat(parts), "buffer");
  const salt = Buffer.from(saltText!).subarray(0, maxSaltLength);
  const filled = Buffer.alloc(password.length, password.length === 0 ? undefined : hash(password, salt, password));
  const parts = [password, Buffer.from(name!), salt, filled];
  const zero = Buffer.alloc(1);
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? zero : password.subarray(0, 1));
  let last = hash(...parts);
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = round % 2 === 1;
    const mixed = [isOdd ? password : last];
    if (round % 3 !== 0) mixed.push(salt);
    if (round % 7 !== 0) mixed.push(password);
    mixed.push(isOdd ? last : password);
    last = hash(...mixed);
  }
  return `${name}${salt.toString()}$${inCryptBase64(last, order)}`;
};
