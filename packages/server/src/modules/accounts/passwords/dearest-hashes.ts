import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { priceOf } from "./password-price.ts";

/** What the dearest hash costs to verify that was seen, in hashes of today's kind; of today's alone, one. */
export interface DearestHashes {
  /** A hash was stored, or tried, of an account below who pays. */
  see(payer: string, storedHash: string): void;
  /** Among the accounts below who pays. */
  below(payer: string): number;
  /** Among all. */
  overall(): number;
}

const ofToday = "$argon2id$v=19$m=19456,t=2,p=1$";
const rememberedPayers = 10_000;

/** Remembers until the process ends: hashes become those of today with the first good login of each account, and nobody counts the rest. */
export const createDearestHashes = (): DearestHashes => {
  const byPayer = new BoundedCache<string, number>(rememberedPayers);
  let most = 1;
  return {
    see(payer, storedHash) {
      if (storedHash.startsWith(ofToday)) return;
      const price = priceOf(storedHash);
      if (price > (byPayer.get(payer) ?? 1)) byPayer.set(payer, price);
      most = Math.max(most, price);
    },
    below: (payer) => byPayer.get(payer) ?? 1,
    overall: () => most,
  };
};
