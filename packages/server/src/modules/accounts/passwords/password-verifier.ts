import { hash, randomBytes } from "node:crypto";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Crypt } from "./crypt-threads.ts";
import { costOf } from "./hash-costs.ts";
import type { HashingQueue, HashingRequest } from "./hashing-queue.ts";
import { isMadeOf } from "./password-matching.ts";

/** The account whose password is tried. */
export interface PasswordClaim {
  /** The name that was typed, and where. A wrong password is remembered by this alone. */
  readonly name: string;
  /** The account that the name means, if it means one. */
  readonly account: { readonly userId: number; readonly storedHash: string | null } | undefined;
}

export interface PasswordVerdict {
  readonly isRight: boolean;
  /** Whether the stored hash is of another scheme than today's and is to be replaced now that the password is known. */
  readonly isOutdated: boolean;
  /** Whether it was verified just now, not remembered. */
  readonly isFresh: boolean;
}

export interface PasswordVerifier {
  /** The verdict that memory has of a password. It costs a keyed hash. */
  remembered(claim: PasswordClaim, password: Buffer): PasswordVerdict | undefined;
  /**
   * Verifies a password. A wrong one costs the same for an account and for a name that means none: what the scheme demands, unless
   * memory has the verdict.
   */
  verify(claim: PasswordClaim, password: Buffer, request: HashingRequest): Promise<PasswordVerdict>;
  /** Remembers a password as right for a hash that was just made of it. */
  remember(userId: number, storedHash: string, password: Buffer): void;
}

/** How long a right password is taken for right again, and a wrong one for wrong. */
const rightForMs = 10 * 60_000;
const wrongForMs = 60_000;
const never = Number.NEGATIVE_INFINITY;
const rememberedRight = 50_000;
const rememberedWrong = 10_000;

/** Verified where there is no stored hash: no password fits it, and that takes as long as a wrong password does. */
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$uRLCphMWw/qXGrbpTqAOkw$SAmRt4cZVuH5GtJ+vNeIpVVKwpeHdnNNnUWaEBqmX88";

const wrong: PasswordVerdict = { isRight: false, isOutdated: false, isFresh: true };

export interface PasswordVerifierDependencies {
  readonly clock: Clock;
  readonly queue: HashingQueue;
  /** Makes what JavaScript makes, off the event loop. */
  readonly crypt: Crypt;
  /** Whether a hash was made of a password; tests count the calls. */
  readonly isMadeOf?: typeof isMadeOf;
}

/**
 * Verifies passwords, and remembers each verdict as a keyed hash over account, stored hash and password. The key exists in this process
 * only. The stored hash is a part of it: a changed password, on whatever node, is never compared with what was remembered before.
 */
export const createPasswordVerifier = (deps: PasswordVerifierDependencies): PasswordVerifier => {
  const { clock, queue, crypt } = deps;
  const isMade = deps.isMadeOf ?? isMadeOf;
  const key = randomBytes(32);
  /** When each verdict was reached. */
  const right = new BoundedCache<string, number>(rememberedRight);
  const wrongs = new BoundedCache<string, number>(rememberedWrong);

  // The key comes first and SHA-512 is cut in half, so that nobody can extend what was hashed: as good as HMAC here, at a sixth of
  // `createHmac`'s 9 µs.
  const nameOf = (owner: string, storedHash: string, password: Buffer): string =>
    hash("sha512", Buffer.concat([key, Buffer.from(`${owner}\n${storedHash}\n`), password]), "latin1").slice(0, 32);

  /** Whether a password fits the stored hash. One that does not costs at least a hash of today's kind, as it does for an unknown name. */
  const isMadeAtEqualCost = async (storedHash: string, password: Buffer, cost: number): Promise<boolean> => {
    if (await isMade(storedHash, password, crypt)) return true;
    if (cost < 1) await isMade(nobodysHash, password, crypt);
    return false;
  };

  const namesOf = ({ name, account }: PasswordClaim, password: Buffer) => {
    const storedHash = account?.storedHash ?? nobodysHash;
    return {
      storedHash,
      right: account && nameOf(`${account.userId}`, storedHash, password),
      // By the typed name: the time of a refusal must not show whether two names mean one account.
      wrong: nameOf(`wrong ${name}`, storedHash, password),
    };
  };

  const recall = (names: ReturnType<typeof namesOf>): PasswordVerdict | undefined => {
    const nowMs = clock.nowMs();
    if (names.right !== undefined && isWithin(rightForMs, right.get(names.right) ?? never, nowMs))
      return { isRight: true, isOutdated: isOutdated(names.storedHash), isFresh: false };
    return isWithin(wrongForMs, wrongs.get(names.wrong) ?? never, nowMs) ? wrong : undefined;
  };

  /** Compares with the stored hash, unless the same password was verified while this one waited. */
  const verifyNow = async (names: ReturnType<typeof namesOf>, password: Buffer, cost: number): Promise<PasswordVerdict> => {
    const known = recall(names);
    if (known) return known;
    const fits = await isMadeAtEqualCost(names.storedHash, password, cost);
    // An empty password is never right, whatever hash was imported.
    const nameIfRight = names.storedHash === nobodysHash || password.length === 0 ? undefined : names.right;
    const isRight = fits && nameIfRight !== undefined;
    if (isRight) right.set(nameIfRight, clock.nowMs());
    else wrongs.set(names.wrong, clock.nowMs());
    return isRight ? { isRight, isOutdated: isOutdated(names.storedHash), isFresh: true } : wrong;
  };

  return {
    remembered: (claim, password) => recall(namesOf(claim, password)),
    async verify(claim, password, request) {
      const names = namesOf(claim, password);
      const known = recall(names);
      if (known) return known;
      const cost = costOf(names.storedHash);
      return queue.run(request, cost, () => verifyNow(names, password, cost));
    },
    remember(userId, storedHash, password) {
      right.set(nameOf(`${userId}`, storedHash, password), clock.nowMs());
    },
  };
};

const isOutdated = (storedHash: string): boolean => !storedHash.startsWith("$argon2id$");
