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

/**
 * Remembers at most `capacity` requests. They stand in two generations, of which the older goes as a whole: taking the
 * oldest out of one map, again and again, would walk over the places of those that went before (some 10 µs a request).
 */
export const createDuplicateCache = (capacity: number, clock: Clock): DuplicateCache => {
  let young = new Map<string, SeenRequest>();
  let old = new Map<string, SeenRequest>();
  let youngSinceMs = 0;

  const turn = (nowMs: number): void => {
    if (young.size < capacity / 2 && nowMs - youngSinceMs <= rememberedMs) return;
    old = young;
    young = new Map();
    youngSinceMs = nowMs;
  };

  const latest = (key: string): SeenRequest | undefined => young.get(key) ?? old.get(key);

  return {
    find(key, bytes) {
      const request = latest(key);
      if (request === undefined || clock.nowMs() - request.seenAtMs > rememberedMs) return undefined;
      return request.bytes.equals(bytes) ? request : undefined;
    },
    begin(key, bytes) {
      const seenAtMs = clock.nowMs();
      turn(seenAtMs);
      const request: SeenRequest = { bytes, seenAtMs, answer: undefined };
      young.set(key, request);
      return request;
    },
    isLatest(key, request) {
      return (latest(key) ?? request) === request;
    },
    forget(key, request) {
      if (young.get(key) === request) young.delete(key);
      if (old.get(key) === request) old.delete(key);
    },
  };
};
