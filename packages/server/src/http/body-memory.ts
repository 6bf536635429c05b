import { DomainError } from "../kernel/errors.ts";

/** What each body may hold without being counted: Node reads about as much of a connection unasked. */
export const uncountedBytes = 16 * 1024;
/** No payer holds more than this part of the whole, whatever else is free. */
const maxShare = 1 / 4;

/** What a request holds of the memory for bodies. */
export interface HeldMemory {
  /** Takes as much as the body has by now. Throws 503 when its payer, or all together, would hold too much. */
  grow(bytes: number): void;
  release(): void;
}

/** Memory that the bodies of all requests share, from their reading to their answer. */
export interface BodyMemory {
  hold(payer: string): HeldMemory;
  /** Bytes that are held now. */
  readonly held: number;
}

/** Bounds what all bodies hold together and what those of one payer hold: one tenant's large or slow uploads leave room for others'. */
export const createBodyMemory = (maxBytes: number): BodyMemory => {
  const shares = new Map<string, number>();
  let held = 0;
  return {
    get held() {
      return held;
    },
    hold(payer) {
      let own = 0;
      const change = (by: number): void => {
        own += by;
        held += by;
        const share = (shares.get(payer) ?? 0) + by;
        if (share > 0) shares.set(payer, share);
        else shares.delete(payer);
      };
      return {
        grow(bytes) {
          if (bytes <= uncountedBytes) return;
          const more = bytes - own;
          if ((shares.get(payer) ?? 0) + more > maxBytes * maxShare) {
            throw new DomainError("server.unavailable", "Too many large bodies of this organization are under way. Send fewer at a time.");
          }
          if (held + more > maxBytes) {
            throw new DomainError("server.unavailable", "Too many large bodies are under way. Try again in a moment.");
          }
          change(more);
        },
        release: () => {
          if (own > 0) change(-own);
        },
      };
    },
  };
};
