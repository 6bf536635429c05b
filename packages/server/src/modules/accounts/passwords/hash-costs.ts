import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";

/** What one hash of today's kind takes: ten milliseconds of one core. */
const ofToday = { argon2KibPasses: 19_456 * 2, bcryptCost: 7.5, pbkdf2Iterations: 25_000, shaCryptRounds: 10_000 } as const;
/** Schemes whose text does not tell the cost: that of the most expensive hash that is accepted. */
const unknownCost = 20;

/** The cost of verifying a password against a stored hash, in hashes of today's kind, as far as the hash's text tells it. */
export const costOf = (storedHash: string): number => {
  const [, scheme = "", first = "", second = ""] =
    /^[$]?([^$]*)[$]([^$]*)[$]?([^$]*)/.exec(storedHash.replace(/^bcrypt_sha256[$]/, "")) ?? [];
  switch (scheme) {
    case "argon2id":
    case "argon2i":
    case "argon2d": {
      const [, memoryKib = 0, passes = 0] = /m=(\d+),t=(\d+)/.exec(`${first}$${second}`) ?? [];
      return (Number(memoryKib) * Number(passes)) / ofToday.argon2KibPasses;
    }
    case "2a":
    case "2b":
    case "2x":
    case "2y":
      return 2 ** (Number(first) - ofToday.bcryptCost);
    case "pbkdf2_sha256":
      return Number(first) / ofToday.pbkdf2Iterations;
    case "5":
    case "6":
      return Number(/^rounds=(\d+)$/.exec(first)?.[1] ?? 5_000) / ofToday.shaCryptRounds;
    case "y":
    case "gy":
    case "7":
      return unknownCost;
    default:
      return 0;
  }
};

/** The cost of the most expensive hash among a payer's accounts. */
export interface HashCosts {
  /** Notes that a hash of an account below a payer was stored or tried. */
  note(payer: string, storedHash: string): void;
  /** The greatest cost that was noted for a payer within the last hour, in hashes of today's kind; at least 1. */
  max(payer: string): number;
}

interface Noted {
  readonly cost: number;
  readonly atMs: number;
}

const prefixOfToday = "$argon2id$v=19$m=19456,t=2,p=1$";
const maxPayers = 10_000;
const maxCosts = 16;
/** Nobody counts the hashes that remain: one that was neither stored nor tried for so long counts as gone. */
const keptForMs = 60 * 60_000;

/**
 * Remembers costs for an hour. An expensive hash is gone when its account is deleted, or with the first good login. One that remains and
 * is tried for the first time in an hour is noted before the refusal.
 */
export const createHashCosts = (clock: Clock): HashCosts => {
  /** For each payer, descending costs, each noted later than the one before it. */
  const byPayer = new BoundedCache<string, readonly Noted[]>(maxPayers);

  const recentOf = (payer: string): readonly Noted[] => {
    const nowMs = clock.nowMs();
    return (byPayer.get(payer) ?? []).filter(({ atMs }) => isWithin(keptForMs, atMs, nowMs));
  };

  return {
    note(payer, storedHash) {
      if (storedHash.startsWith(prefixOfToday)) return;
      const cost = costOf(storedHash);
      if (cost <= 1) return;
      const noted = [...recentOf(payer).filter((one) => one.cost > cost), { cost, atMs: clock.nowMs() }];
      // Beyond the limit the lowest cost counts as the next higher one: a refusal comes rather too late than too soon.
      if (noted.length > maxCosts) noted.splice(-2, 2, { cost: noted.at(-2)!.cost, atMs: clock.nowMs() });
      byPayer.set(payer, noted);
    },
    max: (payer) => recentOf(payer)[0]?.cost ?? 1,
  };
};
