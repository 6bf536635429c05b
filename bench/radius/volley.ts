import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createHistogram } from "node:perf_hooks";
import { isAnswerTo } from "../../packages/server/src/radius/protocol/packet/authenticators.ts";
import { readPacket } from "../../packages/server/src/radius/protocol/packet/packet.ts";
import type { SharedSecret } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";

/** Packets of one source, in the order in which they are sent. */
export interface Deck {
  readonly packets: readonly Buffer[];
  readonly address: string;
  readonly secret: SharedSecret;
}

export interface Volley {
  readonly decks: readonly Deck[];
  /** The UDP port of 127.0.0.1 that is asked. */
  readonly port: number;
  /** Requests of each source that wait for their answers at once. */
  readonly window: number;
  /** How long requests are sent; undefined sends each once. */
  readonly seconds?: number | undefined;
  /** Whether a deck begins again when it is through. */
  readonly isRepeated: boolean;
  readonly answerCode: number;
  /** Whether answers are held against the secret; the bare echo's are recorded, and fit one request alone. */
  readonly isVerified: boolean;
}

/** What came of it. Times are from the first request to the last answer that came at the first asking. */
export interface VolleyResult {
  /** Answered at the first asking. */
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that had to be sent again: they are no answered ones, whatever came of them. */
  readonly lost: number;
  /** Of those, the ones that nobody ever answered. */
  readonly unanswered: number;
  /** Answers that are no success: by code, or by what is wrong with them. */
  readonly faults: Readonly<Record<string, number>>;
  /** How many packets each source has sent, retransmissions aside. */
  readonly sent: readonly number[];
}

interface Pending {
  readonly bytes: Buffer;
  readonly place: number;
  sentMs: number;
  tries: number;
}

interface Lane extends Deck {
  readonly socket: Socket;
  readonly pending: (Pending | undefined)[];
  waiting: number;
  next: number;
  hasLost: boolean;
}

/** Equipment waits a few seconds (RFC 5080 §2.2.1: two at first); on a busy machine a server may stand still for one. */
const patienceMs = 2_000;
const mostTries = 4;
const sweepMs = 100;
/** Every so many answers one is held against the secret: all of them would make the generator the slower side. */
const verifiedEach = 64;

const openLane = async (deck: Deck, port: number): Promise<Lane> => {
  const socket = createSocket("udp4");
  socket.bind(0, deck.address);
  await once(socket, "listening");
  // A connected socket spares each packet its look-up.
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setRecvBufferSize(4 * 1024 * 1024);
  return { ...deck, socket, pending: Array.from<Pending | undefined>({ length: 256 }), waiting: 0, next: 0, hasLost: false };
};

/** What is wrong with an answer to a request, or undefined. */
const faultOf = (answer: Buffer, pending: Pending, lane: Lane, { answerCode, isVerified }: Volley): string | undefined => {
  if (answer[0] !== answerCode) return `answers of code ${answer[0]} instead of ${answerCode}`;
  if (!isVerified || (pending.place % verifiedEach !== 0 && !lane.hasLost)) return undefined;
  const read = readPacket(answer);
  if (!("packet" in read)) return `answers that are no packet: ${read.fault}`;
  return isAnswerTo(read.packet, pending.bytes.subarray(4, 20), lane.secret) ? undefined : "answers that are not signed for their request";
};

/**
 * Sends the packets of all decks, keeping a window of each full, and sends again what is not answered in time. npm has no
 * load generator for RADIUS that anybody keeps, and FreeRADIUS' own radclient makes each packet when it sends it, prints
 * every answer and knows no percentiles: so the bench has its own.
 */
export const fireVolley = async (volley: Volley): Promise<VolleyResult> => {
  const lanes = await Promise.all(volley.decks.map((deck) => openLane(deck, volley.port)));
  const histogram = createHistogram();
  const faults: Record<string, number> = {};
  const count = { requests: 0, lost: 0, unanswered: 0 };
  const startedMs = performance.now();
  const endMs = startedMs + (volley.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  let lastAnswerMs = startedMs;
  await new Promise<void>((resolve) => {
    const isThrough = (lane: Lane, nowMs: number) => nowMs >= endMs || (!volley.isRepeated && lane.next >= lane.packets.length);

    const fill = (lane: Lane, nowMs: number): void => {
      while (lane.waiting < volley.window && !isThrough(lane, nowMs)) {
        const bytes = lane.packets[lane.next % lane.packets.length]!;
        const identifier = bytes[1]!;
        // Its identifier still waits for an answer: that one first.
        if (lane.pending[identifier] !== undefined) return;
        lane.pending[identifier] = { bytes, place: lane.next, sentMs: performance.now(), tries: 1 };
        lane.waiting += 1;
        lane.next += 1;
        lane.socket.send(bytes);
      }
    };

    const settle = (lane: Lane, identifier: number, nowMs: number): void => {
      lane.pending[identifier] = undefined;
      lane.waiting -= 1;
      fill(lane, nowMs);
      if (lanes.every((one) => one.waiting === 0 && isThrough(one, nowMs))) finish();
    };

    const receive = (lane: Lane, answer: Buffer): void => {
      const nowMs = performance.now();
      const identifier = answer[1]!;
      const pending = lane.pending[identifier];
      // To a request that was sent again and answered already.
      if (pending === undefined) return;
      const fault = faultOf(answer, pending, lane, volley);
      if (fault !== undefined) {
        // After a loss it may be the late answer to the identifier's former request.
        if (lane.hasLost && fault.startsWith("answers that are not signed")) return;
        faults[fault] = (faults[fault] ?? 0) + 1;
      } else if (pending.tries === 1) {
        count.requests += 1;
        lastAnswerMs = nowMs;
        histogram.record(Math.max(1, Math.round((nowMs - pending.sentMs) * 1_000)));
      }
      settle(lane, identifier, nowMs);
    };

    const sweep = (): void => {
      const nowMs = performance.now();
      for (const lane of lanes) {
        for (const [identifier, pending] of lane.pending.entries()) {
          if (pending === undefined || nowMs - pending.sentMs < patienceMs) continue;
          if (pending.tries === 1) count.lost += 1;
          lane.hasLost = true;
          if (pending.tries === mostTries) {
            count.unanswered += 1;
            settle(lane, identifier, nowMs);
            continue;
          }
          pending.tries += 1;
          pending.sentMs = nowMs;
          lane.socket.send(pending.bytes);
        }
      }
    };

    const sweeping = setInterval(sweep, sweepMs);
    const finish = (): void => {
      clearInterval(sweeping);
      resolve();
    };
    for (const lane of lanes) {
      lane.socket.on("message", (answer) => receive(lane, answer));
      // Nobody listens there: it is asked again like a packet that got lost.
      lane.socket.on("error", () => {});
      fill(lane, startedMs);
    }
  });
  const sent = lanes.map((lane) => lane.next);
  await Promise.all(lanes.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  return {
    ...count,
    seconds: (lastAnswerMs - startedMs) / 1_000,
    p50Ms: histogram.percentile(50) / 1_000,
    p99Ms: histogram.percentile(99) / 1_000,
    faults,
    sent,
  };
};
