import { hash, randomBytes } from "node:crypto";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Crypt } from "./crypt-threads.ts";
import { priceOf } from "./password-price.ts";
import { isMadeOf } from "./password-schemes.ts";
import type { Asking, Turnstile } from "./turnstile.ts";

/** Whose password is tried. */
export interface PasswordClaim {
  /** The name that was said and where, whoever it means: a wrong password is known again by it alone. */
  readonly name: string;
  /** The account that it means, if it means one. */
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
  /** Judges a password, a wrong one for an account and for nobody at the same price. Costs the scheme's full price the first time, and a keyed hash while it is remembered. */
  verify(claim: PasswordClaim, password: Buffer, asking: Asking): AtHand<PasswordVerdict>;
  /** Takes a password as verified under a hash that was just made of it. */
  remember(userId: number, storedHash: string, password: Buffer): void;
}

/** How long a right password is taken for right again, and a wrong one for wrong. */
const rightForMs = 10 * 60_000;
const wrongForMs = 60_000;
const never = Number.NEGATIVE_INFINITY;
const rememberedRight = 50_000;
const rememberedWrong = 10_000;

/** What a password is held against where there is no hash: no password fits, and it takes as long as one that does not. */
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$uRLCphMWw/qXGrbpTqAOkw$SAmRt4cZVuH5GtJ+vNeIpVVKwpeHdnNNnUWaEBqmX88";

const wrong: PasswordVerdict = { isRight: false, isOutdated: false, isFresh: true };

export interface PasswordVerifierDependencies {
  readonly clock: Clock;
  readonly turnstile: Turnstile;
  /** Makes what JavaScript makes, off the event loop. */
  readonly crypt: Crypt;
  /** Whether a hash was made of a password; tests count how often it is asked. */
  readonly isMadeOf?: typeof isMadeOf;
}

/**
 * Verifies passwords, and remembers each verdict as a keyed hash over account, stored hash and password under a key that
 * lives and dies with the process. The stored hash is a part of it: whoever changes a password, on whatever node, makes
 * what was remembered unfindable, so that nothing needs to be told to anyone.
 */
export const createPasswordVerifier = (deps: PasswordVerifierDependencies): PasswordVerifier => {
  const { clock, turnstile, crypt } = deps;
  const isMade = deps.isMadeOf ?? isMadeOf;
  const key = randomBytes(32);
  /** When each verdict was found. */
  const right = new BoundedCache<string, number>(rememberedRight);
  const wrongs = new BoundedCache<string, number>(rememberedWrong);

  // The key stands first and SHA-512 is cut to half of it, so that nobody can lengthen what was hashed: as good as HMAC here,
  // at a sixth of `createHmac`'s 9 µs.
  const nameOf = (owner: string, storedHash: string, password: Buffer): string =>
    hash("sha512", Buffer.concat([key, Buffer.from(`${owner}\n${storedHash}\n`), password]), "latin1").slice(0, 32);

  /** Whether a password is the stored hash's; one that is not costs a hash of today's kind at least, as a stranger's does. */
  const isMadeAtOnePrice = async (storedHash: string, password: Buffer, price: number): Promise<boolean> => {
    if (await isMade(storedHash, password, crypt)) return true;
    if (price < 1) await isMade(nobodysHash, password, crypt);
    return false;
  };

  return {
    verify({ name, account }, password, asking) {
      const storedHash = account?.storedHash ?? nobodysHash;
      const isOutdated = !storedHash.startsWith("$argon2id$");
      const nameIfRight = account && nameOf(`${account.userId}`, storedHash, password);
      // By the name that was said: whether two names mean one account must not show in how soon the second is refused.
      const nameIfWrong = nameOf(`wrong ${name}`, storedHash, password);

      const remembered = (): PasswordVerdict | undefined => {
        const nowMs = clock.nowMs();
        if (nameIfRight !== undefined && isWithin(rightForMs, right.get(nameIfRight) ?? never, nowMs))
          return { isRight: true, isOutdated, isFresh: false };
        return isWithin(wrongForMs, wrongs.get(nameIfWrong) ?? never, nowMs) ? wrong : undefined;
      };

      /** Judges by the stored hash, at its price; unless the same was asked and answered while this waited. */
      const judge = async (price: number): Promise<PasswordVerdict> => {
        const known = remembered();
        if (known) return known;
        const fits = await isMadeAtOnePrice(storedHash, password, price);
        // An empty password is no password, whatever hash somebody brought along.
        const isRight = fits && nameIfRight !== undefined && storedHash !== nobodysHash && password.length > 0;
        if (isRight) right.set(nameIfRight, clock.nowMs());
        else wrongs.set(nameIfWrong, clock.nowMs());
        return isRight ? { isRight, isOutdated, isFresh: true } : wrong;
      };

      const known = remembered();
      if (known) return known;
      const price = priceOf(storedHash);
      return turnstile.through(asking, price, () => judge(price));
    },
    remember(userId, storedHash, password) {
      right.set(nameOf(`${userId}`, storedHash, password), clock.nowMs());
    },
  };
};
