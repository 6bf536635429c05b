import { availableParallelism } from "node:os";
import { hash } from "@node-rs/argon2";
import { type Clock, systemClock } from "../../../kernel/clock.ts";
import { createHashCosts, type HashCosts } from "./hash-costs.ts";
import { createHashingQueue, type HashingQueue, type HashingRequest } from "./hashing-queue.ts";
import { classifyPassword, type PasswordScheme } from "./password-hash.rules.ts";

/** Makes of a password what is stored. Slow on purpose: call it before the unit of work. */
export interface PasswordHasher {
  /** The hash of a password in clear, or a hash in a known format as it is stored. The text has been classified before. */
  toStored(text: string, scheme: PasswordScheme | undefined, request: HashingRequest): Promise<string>;
  /** How many are made at once. */
  readonly atOnce: number;
  /** What the stored hashes cost that were set or tried of late. */
  readonly hashCosts: HashCosts;
  /** The Argon2id hash of a password, whatever it looks like. */
  hash(password: Buffer, request: HashingRequest): Promise<string>;
}

/** The library's constant for it is an ambient enum, which type stripping cannot read. */
const argon2id = 2;
/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane; about 10 ms of one core. */
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Everything slow about passwords goes through one queue: one thread less than there are cores, so that a burst leaves room for other work. */
export const createPasswordQueue = (): HashingQueue => createHashingQueue({ atOnce: Math.max(1, availableParallelism() - 1) });

/** Hashes off the event loop. */
export const createPasswordHasher = (queue: HashingQueue = createPasswordQueue(), clock: Clock = systemClock): PasswordHasher => ({
  hashCosts: createHashCosts(clock),
  toStored: async (text, scheme, request) => {
    const read = classifyPassword(text, scheme);
    return read.kind === "hash" ? read.stored : queue.run(request, 1, () => hash(text, parameters));
  },
  atOnce: queue.atOnce,
  hash: (password, request) => queue.run(request, 1, () => hash(password, parameters)),
});
