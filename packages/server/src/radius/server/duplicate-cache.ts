import { type Clock, isWithin } from "../../kernel/clock.ts";
import type { Share } from "../../kernel/fair-line.ts";

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
 * Recognizes retransmissions: the same bytes from the same socket of a client to the same socket of ours (RFC 5080 §2.2.2). A
 * client reuses an identifier when it is done with it, so a newer request takes the place of the older one.
 */
export interface SeenRequests {
  /** The request at a key, where it is a retransmission of it. */
  find(key: string, bytes: Buffer): SeenRequest | undefined;
  /** Remembers a request that is being worked on. */
  begin(key: string, bytes: Buffer): SeenRequest;
  /** Whether a request is still the latest of its key. */
  isLatest(key: string, request: SeenRequest): boolean;
  /** Forgets a request that got no answer, so that its retransmission is worked on. */
  forget(key: string, request: SeenRequest): void;
}

/** Remembers the requests of all clients of a port. A flood of one client makes those of no other client forgotten. */
export interface DuplicateCache {
  /** What is remembered of a client, which stands second in the share of its packets. */
  of(share: Share): SeenRequests;
  /** How many requests are remembered. */
  readonly size: number;
}

interface Remembered extends Omit<SeenRequests, "begin"> {
  begin(key: string, bytes: Buffer, nowMs: number): SeenRequest;
  readonly size: number;
  /** Keeps the younger half; fewer where others are too old to be known again. */
  halve(): void;
  dropOld(): void;
}

/**
 * Remembers at most `capacity` requests. Beyond that, the organization that has most gives up the older half of the requests of
 * its largest clients: one pass over a map for half of it costs some nanoseconds a request, while removing the oldest again and
 * again passes over the places of all that were removed before (some 10 µs).
 */
export const createDuplicateCache = (capacity: number, clock: Clock): DuplicateCache => {
  const organizations = new Map<string, Map<string, Remembered>>();
  let size = 0;
  let sweptAtMs = 0;

  const add = (count: number): void => {
    size += count;
  };

  const sizeOf = (clients: ReadonlyMap<string, Remembered>): number => {
    let sum = 0;
    for (const client of clients.values()) sum += client.size;
    return sum;
  };

  const tidy = (organization: string, clients: Map<string, Remembered>): void => {
    for (const [client, { size }] of clients) if (size === 0) clients.delete(client);
    if (clients.size === 0) organizations.delete(organization);
  };

  const makeRoom = (): void => {
    let [most, largest]: [number, Map<string, Remembered> | undefined] = [0, undefined];
    for (const clients of organizations.values()) {
      const has = sizeOf(clients);
      if (has > most) [most, largest] = [has, clients];
    }
    if (largest === undefined) return;
    const average = most / largest.size;
    for (const client of largest.values()) if (client.size >= average) client.halve();
  };

  /** Removes what is too old now and then, also of clients that have fallen silent. */
  const sweep = (nowMs: number): void => {
    if (isWithin(rememberedMs, sweptAtMs, nowMs)) return;
    sweptAtMs = nowMs;
    for (const [organization, clients] of organizations) {
      for (const client of clients.values()) client.dropOld();
      tidy(organization, clients);
    }
  };

  const join = (organization: string, name: string): Remembered => {
    const clients = organizations.get(organization) ?? new Map<string, Remembered>();
    const client = clients.get(name) ?? remembered(clock, add);
    organizations.set(organization, clients);
    clients.set(name, client);
    return client;
  };

  return {
    of([organization, name]) {
      const here = (): Remembered | undefined => organizations.get(organization)?.get(name);
      return {
        find: (key, bytes) => here()?.find(key, bytes),
        begin(key, bytes) {
          const nowMs = clock.nowMs();
          sweep(nowMs);
          const request = join(organization, name).begin(key, bytes, nowMs);
          while (size > capacity) makeRoom();
          return request;
        },
        isLatest: (key, request) => here()?.isLatest(key, request) ?? true,
        forget: (key, request) => here()?.forget(key, request),
      };
    },
    get size() {
      return size;
    },
  };
};

/** One client's requests, in the order in which they came. */
const remembered = (clock: Clock, add: (count: number) => void): Remembered => {
  let requests = new Map<string, SeenRequest>();
  /** A time in the future was taken by a clock that ran ahead. */
  const isOld = ({ seenAtMs }: SeenRequest, nowMs: number): boolean => seenAtMs > nowMs || nowMs - seenAtMs > rememberedMs;

  const keep = (mayStay: (request: SeenRequest, index: number) => boolean): void => {
    const kept = new Map<string, SeenRequest>();
    let index = 0;
    for (const [key, request] of requests) {
      if (mayStay(request, index)) kept.set(key, request);
      index += 1;
    }
    add(kept.size - requests.size);
    requests = kept;
  };

  const remove = (key: string): void => {
    if (requests.delete(key)) add(-1);
  };

  return {
    find(key, bytes) {
      const request = requests.get(key);
      return request !== undefined && !isOld(request, clock.nowMs()) && request.bytes.equals(bytes) ? request : undefined;
    },
    begin(key, bytes, nowMs) {
      remove(key);
      const request: SeenRequest = { bytes, seenAtMs: nowMs, answer: undefined };
      requests.set(key, request);
      add(1);
      return request;
    },
    isLatest: (key, request) => (requests.get(key) ?? request) === request,
    forget(key, request) {
      if (requests.get(key) === request) remove(key);
    },
    get size() {
      return requests.size;
    },
    halve() {
      const nowMs = clock.nowMs();
      const dropped = Math.ceil(requests.size / 2);
      keep((request, index) => index >= dropped && !isOld(request, nowMs));
    },
    dropOld() {
      const nowMs = clock.nowMs();
      keep((request) => !isOld(request, nowMs));
    },
  };
};
