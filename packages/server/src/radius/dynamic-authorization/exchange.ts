import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { DynamicAuthorizationOutcome } from "../../aaa/words/dynamic-authorization.ts";
import type { Delay } from "../../kernel/clock.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";
import { readAnswer } from "./request-packet.ts";

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
export interface Exchange {
  /** Sends what `write` makes for a free identifier, and again after each wait, until an answer or the last wait's end. At most 256 at once. */
  send(write: (identifier: number) => Buffer, secret: SharedSecret, waitsMs: readonly number[]): Promise<DynamicAuthorizationOutcome>;
  close(): void;
}

export interface ExchangeOptions {
  readonly address: string;
  readonly port: number;
  /** The local address to send from; undefined leaves it to the system. */
  readonly sourceAddress: string | undefined;
  /** How the next transmission waits for its time. */
  readonly delay: Delay;
  readonly onClosed: () => void;
}

/** Opens a socket to a destination. Whatever fails becomes the outcome of its requests. */
export const openExchange = ({ address, port, sourceAddress, delay, onClosed }: ExchangeOptions): Exchange => {
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
    send(write, secret, waitsMs) {
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
