import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { DynamicAuthorizationOutcome } from "../../aaa/words/dynamic-authorization.ts";
import type { Delay } from "../../kernel/clock.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";
import { readAnswer } from "./request-packet.ts";

/** How many requests one destination may have outstanding: small equipment has small buffers. Others wait for their turn. */
export const maxOutstanding = 64;

/** How long an unused socket stays open for the next request. */
const idleMs = 30_000;

/** Where requests go. */
export interface DestinationPlace {
  readonly address: string;
  readonly port: number;
  /** The local address to send from; undefined leaves it to the system. */
  readonly sourceAddress: string | undefined;
  /** How the next transmission waits for its time. */
  readonly delay: Delay;
}

/** A request that is written for the identifier that it gets, and sent again after each wait. */
export interface Transmission {
  write(identifier: number): Buffer;
  readonly secret: SharedSecret;
  readonly waitsMs: readonly number[];
}

/** One destination of requests: an address and a port of a NAS. */
export interface Destination {
  /**
   * Sends a request when its turn comes. Where one timed out and nothing else was answered meanwhile, the equipment is
   * silent, and those that wait time out with it instead of one after another.
   */
  send(request: Transmission): Promise<DynamicAuthorizationOutcome>;
  /** Ends what is outstanding and what waits, as timed out. */
  close(): void;
}

/** Makes a destination, whose socket opens with the first request; `onIdle` is called when it has been unused for half a minute. */
export const createDestination = (place: DestinationPlace, onIdle: () => void): Destination => {
  let exchange: Exchange | undefined;
  let waiting: { readonly start: () => void; readonly giveUp: () => void }[] = [];
  let outstanding = 0;
  /** Grows with every sign of life. */
  let signs = 0;
  let idle: NodeJS.Timeout | undefined;

  const exchangeNow = (): Exchange => {
    exchange ??= openExchange(place, () => {
      exchange = undefined;
    });
    return exchange;
  };

  const giveUpWaiting = (): void => {
    const given = waiting;
    waiting = [];
    for (const { giveUp } of given) giveUp();
  };

  const close = (): void => {
    clearTimeout(idle);
    giveUpWaiting();
    exchange?.close();
  };

  const run = async (request: Transmission): Promise<DynamicAuthorizationOutcome> => {
    clearTimeout(idle);
    outstanding += 1;
    const signsBefore = signs;
    const outcome = await exchangeNow().send(request);
    outstanding -= 1;
    if (outcome.kind !== "timeout") signs += 1;
    else if (signs === signsBefore) giveUpWaiting();
    waiting.shift()?.start();
    if (outstanding === 0) {
      idle = setTimeout(() => {
        close();
        onIdle();
      }, idleMs).unref();
    }
    return outcome;
  };

  return {
    close,
    send(request) {
      if (outstanding < maxOutstanding) return run(request);
      return new Promise((resolve) => {
        waiting.push({ start: () => resolve(run(request)), giveUp: () => resolve({ kind: "timeout" }) });
      });
    },
  };
};

/** An identifier is one octet (RFC 5176 §2.3): no more requests are outstanding at once. */
const identifiers = 256;

/** One request on its way. */
interface Outstanding {
  readonly bytes: Buffer;
  readonly secret: SharedSecret;
  readonly settle: (outcome: DynamicAuthorizationOutcome) => void;
  cancelWait: () => void;
}

/** A socket that is connected to one destination: only its datagrams come in, and a refusal by its network is reported. */
interface Exchange {
  /** Sends a request under a free identifier, and again after each wait, until an answer or the last wait's end. At most 256 at once. */
  send(request: Transmission): Promise<DynamicAuthorizationOutcome>;
  close(): void;
}

/** Opens a socket to a destination. Whatever fails becomes the outcome of its requests. */
const openExchange = ({ address, port, sourceAddress, delay }: DestinationPlace, onClosed: () => void): Exchange => {
  const version = isIPv6(address) ? 6 : 4;
  const socket = createSocket({ type: `udp${version}`, lookup: (host, _options, found) => found(null, host, version) });
  const requests = new Map<number, Outstanding>();
  let identifier = 0;
  let ended: DynamicAuthorizationOutcome | undefined;

  const end = (outcome: DynamicAuthorizationOutcome): void => {
    if (ended) return;
    ended = outcome;
    for (const { settle } of requests.values()) settle(outcome);
    socket.close();
    onClosed();
  };
  const fail = (error: NodeJS.ErrnoException): void => end({ kind: "unreachable", code: error.code ?? "unknown" });

  const transmit = (request: Outstanding, waitsMs: readonly number[]): void => {
    const [wait, ...others] = waitsMs;
    if (wait === undefined) {
      request.settle({ kind: "timeout" });
      return;
    }
    socket.send(request.bytes, (error) => error && fail(error));
    request.cancelWait = delay(() => transmit(request, others), wait);
  };

  socket.on("error", fail);
  socket.on("message", (datagram: Buffer) => {
    const request = requests.get(datagram[1] ?? 0);
    const outcome = request && readAnswer(datagram, request.bytes, request.secret);
    if (outcome) request.settle(outcome);
  });
  const connect = (): void => socket.connect(port, address);
  const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
  // Not before the caller holds the exchange: without a look-up, failures come at once.
  queueMicrotask(() => {
    if (ended) return;
    if (sourceAddress === undefined) connect();
    else socket.bind({ address: sourceAddress, port: 0, exclusive: true }, connect);
  });

  return {
    send({ write, secret, waitsMs }) {
      if (ended) return Promise.resolve(ended);
      // Round and round, so that a late answer does not meet a new request.
      do identifier = (identifier + 1) % identifiers;
      while (requests.has(identifier));
      const own = identifier;
      return new Promise((resolve) => {
        const request: Outstanding = {
          bytes: write(own),
          secret,
          cancelWait: () => undefined,
          settle(outcome) {
            request.cancelWait();
            requests.delete(own);
            resolve(outcome);
          },
        };
        requests.set(own, request);
        void connected.then(() => ended || transmit(request, waitsMs));
      });
    },
    close: () => end({ kind: "timeout" }),
  };
};
