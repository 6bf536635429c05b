/** Gives whole numbers from 0 to below `limit`, the same ones for the same seed. */
export type Random = (limit: number) => number;

/** A small generator (mulberry32): every run asks for the same records in the same order. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return Math.floor((((hash ^ (hash >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
};
