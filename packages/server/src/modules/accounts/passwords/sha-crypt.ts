import { hash as digest } from "node:crypto";
import { inCryptBase64 } from "./crypt-base64.ts";

interface Variant {
  readonly algorithm: "sha256" | "sha512";
  /** Which bytes of the digest stand together in four characters, in the order of the output. */
  readonly order: readonly number[];
}

/** Three bytes a group, each a third of the digest apart; their places rotate from group to group. */
const interleaved = (bytes: number, third: number, rest: readonly number[]): number[] => {
  const order: number[] = [];
  for (let [a, b, c] = [0, third, 2 * third], left = bytes / 3; left > 0; left -= 1) {
    order.push(a, b, c);
    [a, b, c] = bytes === 30 ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return [...order, ...rest];
};

const variants: Readonly<Record<"5" | "6", Variant>> = {
  5: { algorithm: "sha256", order: interleaved(30, 10, [31, 30]) },
  6: { algorithm: "sha512", order: interleaved(63, 21, [63]) },
};

const defaultRounds = 5_000;
const maxSaltLength = 16;

/**
 * The SHA-crypt string of a password under the variant, rounds and salt of `stored` (Drepper, "Unix crypt using SHA-256
 * and SHA-512"), to be compared with it. A round is one digest, and millions of them may be stored: it belongs on a thread of its own.
 */
export const shaCrypt = (password: Buffer, stored: string): string => {
  const [, name, roundsText, saltText] = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]*)/.exec(stored)!;
  const { algorithm, order } = variants[name as "5" | "6"];
  const hash = (...parts: Buffer[]) => digest(algorithm, Buffer.concat(parts), "buffer");
  const salt = Buffer.from(saltText!).subarray(0, maxSaltLength);
  const first = mixed(password, salt, hash);
  const p = filled(hash(...Array<Buffer>(password.length).fill(password)), password.length);
  const s = filled(hash(...Array<Buffer>(16 + first[0]!).fill(salt)), salt.length);
  const result = stretched(first, { p, s, rounds: Number(roundsText ?? defaultRounds), hash });
  return `$${name}$${roundsText === undefined ? "" : `rounds=${roundsText}$`}${salt.toString()}$${inCryptBase64(result, order)}`;
};

const mixed = (password: Buffer, salt: Buffer, hash: (...parts: Buffer[]) => Buffer): Buffer => {
  const b = hash(password, salt, password);
  const parts = [password, salt, filled(b, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? b : password);
  return hash(...parts);
};

interface Stretching {
  readonly p: Buffer;
  readonly s: Buffer;
  readonly rounds: number;
  readonly hash: (...parts: Buffer[]) => Buffer;
}

const stretched = (first: Buffer, { p, s, rounds, hash }: Stretching): Buffer => {
  let last = first;
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = round % 2 === 1;
    const parts = [isOdd ? p : last];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(isOdd ? last : p);
    last = hash(...parts);
  }
  return last;
};

const filled = (pattern: Buffer, length: number): Buffer => Buffer.alloc(length, length === 0 ? undefined : pattern);
