import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import { priceOf } from "./password-price.ts";

/** What the dearest hash costs to verify that was seen of late, in hashes of today's kind; of today's alone, one. */
export interface DearestHashes {
  /** A hash was stored, or tried, of an account below who pays. */
  see(payer: string, storedHash: string): void;
  /** Among the accounts below who pays, and nobody else's. */
  below(payer: string): number;
}

interface Seen {
  readonly price: number;
  readonly atMs: number;
}

const ofToday = "$argon2id$v=19$m=19456,t=2,p=1$";
const rememberedPayers = 10_000;
const rememberedPrices = 16;
/** Nobody counts the hashes that are left: what was not stored or tried for so long is taken for gone. */
const dearestForMs = 60 * 60_000;

/**
 * Remembers for an hour: a dear hash is gone when its account is, or with the first good login. Who has one still, and is tried
 * for the first time in an hour, is seen before it is refused.
 */
export const createDearestHashes = (clock: Clock): DearestHashes => {
  /** Of each payer what was seen, each cheaper and later than the one before it. */
  const byPayer = new BoundedCache<string, readonly Seen[]>(rememberedPayers);

  const lately = (payer: string): readonly Seen[] => {
    const nowMs = clock.nowMs();
    return (byPayer.get(payer) ?? []).filter(({ atMs }) => isWithin(dearestForMs, atMs, nowMs));
  };

  return {
    see(payer, storedHash) {
      if (storedHash.startsWith(ofToday)) return;
      const price = priceOf(storedHash);
      if (price <= 1) return;
      const seen = [...lately(payer).filter((one) => one.price > price), { price, atMs: clock.nowMs() }];
      // Of more prices than are remembered the cheapest one counts as the next: a step is rather too long than too short.
      if (seen.length > rememberedPrices) seen.splice(-2, 2, { price: seen.at(-2)!.price, atMs: clock.nowMs() });
      byPayer.set(payer, seen);
    },
    below: (payer) => lately(payer)[0]?.price ?? 1,
  };
};
