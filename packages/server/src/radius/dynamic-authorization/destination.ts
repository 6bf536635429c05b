import type { DynamicAuthorizationOutcome } from "../../aaa/words/dynamic-authorization.ts";
import type { Exchange } from "./exchange.ts";

/** How many requests one destination may have outstanding: small equipment has small buffers. Others wait for their turn. */
export const maxOutstanding = 64;

/** How long an unused socket stays open for the next request. */
const idleMs = 30_000;

/** One destination of requests: an address and a port of a NAS. */
export interface Destination {
  /**
   * Sends a request when its turn comes. Where one timed out and nothing else was answered meanwhile, the equipment is
   * silent, and those that wait time out with it instead of one after another.
   */
  take(send: (exchange: Exchange) => Promise<DynamicAuthorizationOutcome>): Promise<DynamicAuthorizationOutcome>;
  /** Ends what is outstanding and what waits, as timed out. */
  close(): void;
}

/** Makes a destination over a way to open its socket; `onIdle` is called when it has been unused for half a minute. */
export const createDestination = (open: (onClosed: () => void) => Exchange, onIdle: () => void): Destination => {
  let exchange: Exchange | undefined;
  let waiting: { readonly start: () => void; readonly giveUp: () => void }[] = [];
  let outstanding = 0;
  /** Grows with every sign of life. */
  let signs = 0;
  let idle: NodeJS.Timeout | undefined;

  const exchangeNow = (): Exchange => {
    exchange ??= open(() => {
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

  const run = async (send: (exchange: Exchange) => Promise<DynamicAuthorizationOutcome>): Promise<DynamicAuthorizationOutcome> => {
    clearTimeout(idle);
    outstanding += 1;
    const signsBefore = signs;
    const outcome = await send(exchangeNow());
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
    take(send) {
      if (outstanding < maxOutstanding) return run(send);
      return new Promise((resolve) => {
        waiting.push({ start: () => resolve(run(send)), giveUp: () => resolve({ kind: "timeout" }) });
      });
    },
  };
};
