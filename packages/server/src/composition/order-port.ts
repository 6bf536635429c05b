import type { Config } from "../config/settings.ts";
import { type Clock, type Delay, systemDelay } from "../kernel/clock.ts";
import type { OrderPort } from "../modules/network/disconnects/index.ts";
import { createOrderSender } from "../radius/dynamic-authorization/order-sender.ts";

/** Orders to clients, by UDP. */
export const orderPort = (config: Config, clock: Clock, delay: Delay = systemDelay): OrderPort & { close(): void } => {
  const sender = createOrderSender({ clock, localOrders: config.localOrders, sourceAddresses: config.radiusSourceAddresses, delay });
  return {
    send: ({ client, kind, address, session, changes }) =>
      sender.send({
        kind: kind === "disconnect" ? "disconnect" : "coa",
        address,
        port: client.coaPort!,
        secret: client.secret,
        session,
        ...(changes.length > 0 ? { changes } : {}),
      }),
    close: () => sender.close(),
  };
};
