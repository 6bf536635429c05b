import { hash, randomBytes } from "node:crypto";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { isMadeOf } from "./password-schemes.ts";
import type { Turnstile } from "./turnstile.ts";

/** Whose password is tried: an account, or a name that belongs to nobody. */
export type PasswordClaim = { readonly userId: number; readonly storedHash: string | null } | { readonly stranger: string };

export interface PasswordVerdict {
  readonly isRight: boolean;
  /** Whether the stored hash is of another scheme than today's and is to be replaced now that the password is known. */
  readonly isOutdated: boolean;
  /** Whether it was verified just now, not remembered. */
  readonly isFresh: boolean;
}

export interface PasswordVerifier {
  /** Judges a password. Costs the scheme's full price the first time, and a keyed hash while it is remembered. */
  verify(claim: PasswordClaim, password: Buffer): AtHand<PasswordVerdict>;
  /** Takes a password as verified under a hash that was just made of it. */
  remember(userId: number, storedHash: string, password: Buffer): void;
}

/** How long a right password is taken for right again, and a wrong one for wrong. */
const rightForMs = 10 * 60_000;
const wrongForMs = 60_000;
const rememberedRight = 50_000;
const rememberedWrong = 10_000;

/** What a password is held against where there is no hash: no password fits, and it takes as long as one that does not. */
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$uRLCphMWw/qXGrbpTqAOkw$SAmRt4cZVuH5GtJ+vNeIpVVKwpeHdnNNnUWaEBqmX88";

const wrong: PasswordVerdict = { isRight: false, isOutdated: false, isFresh: true };

/**
 * Verifies passwords, and remembers each verdict as a keyed hash over account, stored hash and password under a key that
 * lives and dies with the process. The stored hash is a part of it: whoever changes a password, on whatever node, makes
 * what was remembered unfindable, so that nothing needs to be told to anyone.
 */
export const createPasswordVerifier = ({ clock, turnstile }: { clock: Clock; turnstile: Turnstile }): PasswordVerifier => {
  const key = randomBytes(32);
  const right = new BoundedCache<string, number>(rememberedRight);
  const wrongs = new BoundedCache<string, number>(rememberedWrong);

  // The key stands first and SHA-512 is cut to half of it, so that nobody can lengthen what was hashed: as good as HMAC here,
  // at a sixth of `createHmac`'s 9 µs.
  const nameOf = (owner: string, storedHash: string, password: Buffer): string =>
    hash("sha512", Buffer.concat([key, Buffer.from(`${owner}\n${storedHash}\n`), password]), "latin1").slice(0, 32);

  /** Judges by the stored hash, at its price. */
  const judge = async (storedHash: string, password: Buffer, name: string, isOutdated: boolean): Promise<PasswordVerdict> => {
    const nowMs = clock.nowMs();
    // An empty password is no password, whatever hash somebody brought along.
    const fits = await turnstile.through(() => isMadeOf(storedHash, password));
    const isRight = fits && storedHash !== nobodysHash && password.length > 0;
    if (isRight) right.set(name, nowMs + rightForMs);
    else wrongs.set(name, nowMs + wrongForMs);
    return isRight ? { isRight, isOutdated, isFresh: true } : wrong;
  };

  return {
    verify(claim, password) {
      const isStranger = "stranger" in claim;
      const storedHash = isStranger ? nobodysHash : (claim.storedHash ?? nobodysHash);
      const name = nameOf(isStranger ? `stranger ${claim.stranger}` : `${claim.userId}`, storedHash, password);
      const nowMs = clock.nowMs();
      const isOutdated = !storedHash.startsWith("$argon2id$");
      if ((right.get(name) ?? 0) > nowMs) return { isRight: true, isOutdated, isFresh: false };
      if ((wrongs.get(name) ?? 0) > nowMs) return wrong;
      return judge(storedHash, password, name, isOutdated);
    },
    remember(userId, storedHash, password) {
      right.set(nameOf(`${userId}`, storedHash, password), clock.nowMs() + rightForMs);
    },
  };
};
