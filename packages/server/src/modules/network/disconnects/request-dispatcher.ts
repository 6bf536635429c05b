import { createPayersOf, type OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Claimant, SessionRequest, StoredRequest } from "./session-request.ts";

/** Requests under way at once: of all clients, and of one. Small equipment has small buffers, and may be silent. */
export const maxUnderWay = 256;
export const maxPerClient = 16;
/** Up to this many a process claims what it stores itself; beyond, payers take turns. */
const maxClaimedAtOnce = maxUnderWay / 4;

/** A request takes 18 s with its retransmissions, twice that where its protection is dropped, and may wait for its turn. */
const leaseMs = 90_000;
/** Clients that were in contact with another node within this time are that node's, unless it leaves their requests lying. */
const nearMs = 10 * 60_000;

/** A destination that was unreachable is left alone for a second, then for twice as long each time, up to a quarter of a minute. */
const firstPauseMs = 1_000;
const maxPauseMs = 15_000;
const maxPauses = 10_000;

/** A payer may have so many times the free places under way (as in the RADIUS queues): one alone has three quarters of all. */
const timesFree = 3;

/** The process that sends requests. */
export interface SendingProcess {
  /** What its machine is called; null where it sends from an address that all clients know. */
  readonly node: string | null;
  /** Knows who pays for what an organization has sent. */
  readonly directory: OrganizationDirectory;
  /** More waits to be sent, or is due. */
  wake(): void;
}

/** How the process sends, once it does. */
export interface Sending {
  /** Where a session's client takes requests, as text; undefined: nowhere. */
  destinationOf(session: Session): string | undefined;
  /** Sends requests that this process has claimed. */
  send(requests: readonly SessionRequest[]): void;
}

export type RequestDispatcher = ReturnType<typeof createRequestDispatcher>;

/** What a process remembers of the requests that it sends: the places they take, and which destinations are to be left alone. */
export const createRequestDispatcher = ({ node, directory, wake }: SendingProcess) => {
  const payersOf = createPayersOf(directory);
  let sending: Sending | undefined;
  const underWay = new Set<Promise<void>>();
  const ofClients = new Map<number, number>();
  const ofOrganizations = new Map<number, number>();
  const pauses = new Map<string, { readonly lengthMs: number; readonly untilMs: number }>();

  const pausedUntilMs = (destination: string | undefined, nowMs: number): number => {
    const pause = destination === undefined ? undefined : pauses.get(destination);
    // One that would end later than it lasts is of a clock that ran ahead.
    return pause !== undefined && pause.untilMs > nowMs && pause.untilMs - nowMs <= pause.lengthMs ? pause.untilMs : nowMs;
  };

  return {
    wake,

    /** From now on this process claims requests that it stores, as long as it has free places for them. */
    open(by: Sending): void {
      sending = by;
    },

    claimantAt: (nowMs: number): Claimant => ({ node, contactSinceMs: nowMs - nearMs, leaseMs }),

    /** Says for new requests whether this process claims them, and when they are due. Give it all of one unit. */
    assigning(nowMs: number): (session: Session) => { readonly isClaimed: boolean; readonly dueAtMs: number } {
      const assigned = new Map<number, number>();
      let free = maxClaimedAtOnce - underWay.size;
      return (session) => {
        if (!sending) return { isClaimed: false, dueAtMs: nowMs };
        const dueAtMs = pauses.size === 0 ? nowMs : pausedUntilMs(sending.destinationOf(session), nowMs);
        const { clientId } = session;
        const ofClient = (ofClients.get(clientId) ?? 0) + (assigned.get(clientId) ?? 0);
        const isClaimed = dueAtMs === nowMs && free > 0 && ofClient < maxPerClient;
        if (isClaimed) {
          free -= 1;
          oneMore(assigned, clientId);
        }
        return { isClaimed, dueAtMs };
      };
    },

    /** Call it after the commit of what was stored: sends what is claimed, and has others look for the rest. */
    committed(stored: readonly StoredRequest[]): void {
      const claimed = stored.filter(({ isClaimed }) => isClaimed);
      if (claimed.length > 0) sending?.send(claimed);
      if (claimed.length < stored.length) wake();
    },

    /** A request takes its place until what sends it has ended; it never rejects. */
    take({ clientId, organizationId }: SessionRequest, sent: Promise<void>): void {
      const delivery = sent.finally(() => {
        // With a quarter of the places taken, somebody's room may have been too small.
        const wasFull = ofClients.get(clientId)! >= maxPerClient || underWay.size >= maxUnderWay / 4;
        underWay.delete(delivery);
        oneLess(ofClients, clientId);
        oneLess(ofOrganizations, organizationId);
        if (wasFull) wake();
      });
      underWay.add(delivery);
      oneMore(ofClients, clientId);
      oneMore(ofOrganizations, organizationId);
    },

    /** Notes whether a destination was unreachable: then it is left alone for a while. */
    noteReached(destination: string, isReached: boolean, nowMs: number): void {
      if (isReached) pauses.delete(destination);
      // What was sent beside each other fails together: that is one failure.
      else if (pausedUntilMs(destination, nowMs) === nowMs) {
        const lengthMs = Math.min((pauses.get(destination)?.lengthMs ?? firstPauseMs / 2) * 2, maxPauseMs);
        pauses.set(destination, { lengthMs, untilMs: nowMs + lengthMs });
        if (pauses.size > maxPauses) pauses.delete(pauses.keys().next().value!);
      }
    },

    /** When a destination may be sent to; `nowMs`: now. */
    pausedUntilMs,

    /** Who pays for these organizations, and for those that have requests under way. */
    payersOf: (organizationIds: readonly number[]) => payersOf([...organizationIds, ...ofOrganizations.keys()]),
    free: (): number => maxUnderWay - underWay.size,
    ofClients: ofClients as ReadonlyMap<number, number>,
    /** How many more requests each of these payers may have sent. */
    roomsOf(payers: ReadonlySet<string>, payerOf: (organizationId: number) => string): ReadonlyMap<string, number> {
      const ofPayers = new Map<string, number>();
      for (const [organizationId, count] of ofOrganizations) {
        const payer = payerOf(organizationId);
        ofPayers.set(payer, (ofPayers.get(payer) ?? 0) + count);
      }
      return roomsOf(payers, ofPayers, maxUnderWay - underWay.size);
    },

    /** Ends when all that was taken has been answered or given up. */
    async settle(): Promise<void> {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
};

/**
 * How many more requests each payer may have sent: they take the free places in turns, and nobody takes the last ones. Requests to
 * silent equipment hold their places for long; those of other tenants find some free at once.
 */
export const roomsOf = (payers: ReadonlySet<string>, underWay: ReadonlyMap<string, number>, free: number): ReadonlyMap<string, number> => {
  const rooms = new Map<string, number>();
  let left = free;
  let isOver = false;
  while (!isOver) {
    isOver = true;
    for (const payer of payers) {
      const room = rooms.get(payer) ?? 0;
      if (left === 0 || (underWay.get(payer) ?? 0) + room > Math.max(1, (left - 1) * timesFree)) continue;
      rooms.set(payer, room + 1);
      left -= 1;
      isOver = false;
    }
  }
  return rooms;
};

const oneMore = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const oneLess = <Key>(counts: Map<Key, number>, key: Key): void => {
  const count = counts.get(key)! - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
};
