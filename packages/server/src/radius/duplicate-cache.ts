import type { Clock } from "../kernel/clock.ts";

/** A request that was seen, and its answer once there is one. */
export interface SeenRequest {
  /** The whole packet. Equal bytes hold an equal authenticator, and a careless client that repeats one is not mistaken. */
  readonly bytes: Buffer;
  readonly seenAtMs: number;
  answer: Buffer | undefined;
}

/** How long a request is known again. RFC 5080 §2.2.2 wants 5 to 30 seconds; clients give up after three tries of five. */
export const rememberedMs = 15_000;

/**
 * Knows retransmissions: the same bytes from the same socket of a client to the same socket of ours (RFC 5080 §2.2.2). A
 * client reuses an identifier when it is done with it, so a newer request takes the place of the older one.
 */
export interface DuplicateCache {
  /** The request at a key, where it is a retransmission of it. */
  find(key: string, bytes: Buffer): SeenRequest | undefined;
  /** Remembers a request that is being worked on. */
  begin(key: string, bytes: Buffer): SeenRequest;
  /** Whether a request is still the latest of its key. */
  isLatest(key: string, request: SeenRequest): boolean;
  /** Forgets a request that got no answer, so that its retransmission is worked on. */
  forget(key: string, request: SeenRequest): void;
}

export const createDuplicateCache = (capacity: number, clock: Clock): DuplicateCache => {
  // In the order of arrival, so that the oldest stand first.
  const seen = new Map<string, SeenRequest>();

  const dropOld = (nowMs: number): void => {
    for (const [key, { seenAtMs }] of seen) {
      if (nowMs - seenAtMs <= rememberedMs && seen.size < capacity) return;
      seen.delete(key);
    }
  };

  return {
    find(key, bytes) {
      const request = seen.get(key);
      if (request === undefined || clock.nowMs() - request.seenAtMs > rememberedMs) return undefined;
      return request.bytes.equals(bytes) ? request : undefined;
    },
    begin(key, bytes) {
      const seenAtMs = clock.nowMs();
      seen.delete(key);
      dropOld(seenAtMs);
      const request: SeenRequest = { bytes, seenAtMs, answer: undefined };
      seen.set(key, request);
      return request;
    },
    isLatest(key, request) {
      const latest = seen.get(key);
      return latest === undefined || latest === request;
    },
    forget(key, request) {
      if (seen.get(key) === request) seen.delete(key);
    },
  };
};
