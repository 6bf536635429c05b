import type { OrderChannel } from "./order-channel.ts";
import type { OrderOutcome } from "./session-order.ts";

/** How many orders one destination may have outstanding: small equipment has small buffers. Others wait for their turn. */
export const ordersOutstanding = 64;

/** How long an unused socket stays open for the next order. */
const idleMs = 30_000;

/** One destination of orders. */
export interface OrderDestination {
  /**
   * Has an order sent when its turn comes. Where one was sent in vain and nothing came back meanwhile, the equipment is
   * silent, and those that wait time out with it instead of one after another.
   */
  take(send: (channel: OrderChannel) => Promise<OrderOutcome>): Promise<OrderOutcome>;
  /** Ends what is outstanding and what waits, as timed out. */
  close(): void;
}

/** Makes a destination over a way to open channels; `onIdle` is told when it has been unused for half a minute. */
export const createOrderDestination = (open: (onClosed: () => void) => OrderChannel, onIdle: () => void): OrderDestination => {
  let channel: OrderChannel | undefined;
  let waiting: { readonly start: () => void; readonly giveUp: () => void }[] = [];
  let outstanding = 0;
  /** Grows with every sign of life. */
  let signs = 0;
  let idle: NodeJS.Timeout | undefined;

  const channelNow = (): OrderChannel => {
    channel ??= open(() => {
      channel = undefined;
    });
    return channel;
  };

  const giveUpWaiting = (): void => {
    const given = waiting;
    waiting = [];
    for (const { giveUp } of given) giveUp();
  };

  const close = (): void => {
    clearTimeout(idle);
    giveUpWaiting();
    channel?.close();
  };

  const run = async (send: (channel: OrderChannel) => Promise<OrderOutcome>): Promise<OrderOutcome> => {
    clearTimeout(idle);
    outstanding += 1;
    const signsBefore = signs;
    const outcome = await send(channelNow());
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
      if (outstanding < ordersOutstanding) return run(send);
      return new Promise((resolve) => {
        waiting.push({ start: () => resolve(run(send)), giveUp: () => resolve({ kind: "timeout" }) });
      });
    },
  };
};
