import { availableParallelism } from "node:os";
import { hash } from "@node-rs/argon2";
import { classifyPassword } from "./password-hash.rules.ts";

/** Makes of a password what is stored. Slow on purpose: call it before the unit of work. */
export interface PasswordHasher {
  /** The hash of a password in clear, or a hash in a known format as it is. The text has been classified before. */
  toStored(text: string): Promise<string>;
}

/** The library's constant for it is an ambient enum, which type stripping cannot read. */
const argon2id = 2;
/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane; about 10 ms of one core. */
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes off the event loop, one less at a time than there are cores, so that a burst leaves room for other work. */
export const createPasswordHasher = (atOnce = Math.max(1, availableParallelism() - 1)): PasswordHasher => {
  const waiting: (() => void)[] = [];
  let running = 0;

  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  return {
    toStored: async (text) => (classifyPassword(text).kind === "hash" ? text : bounded(() => hash(text, parameters))),
  };
};
