import type { Logger } from "pino";
import { createWakeup } from "../jobs/wakeup.ts";
import type { Collector } from "../metrics/family.ts";
import type { RadiusServer } from "../radius/server/radius-server.ts";
import type { Network } from "./network.ts";
import { buildRadiusServer, type RadiusServerDependencies, radiusFigures } from "./radius-server.ts";

/** What this process exchanges with network equipment, in both directions. */
export interface NetworkTraffic {
  /** The embedded RADIUS server. */
  readonly radius: RadiusServer;
  /** Sessions may be due: they are ended at once rather than by the next job. */
  wake(): void;
  /** Opens the RADIUS server from the moment when there is a client, now or later, and begins to end what is due. */
  open(): void;
  /** Ends when every request is answered, and every request to equipment is answered or given up. */
  close(): Promise<void>;
  readonly collect: Collector;
}

export interface NetworkTrafficDependencies extends RadiusServerDependencies {
  readonly network: Network;
  readonly coaClient: { close(): void };
  readonly logger: Logger;
}

export const createNetworkTraffic = ({ coaClient, ...deps }: NetworkTrafficDependencies): NetworkTraffic => {
  const { network, logger } = deps;
  const radius = buildRadiusServer(deps);
  const endings = createWakeup(
    async () => {
      await network.disconnects.endDue();
      await network.dynamicAuthorization.sendDue();
    },
    (error) => logger.error({ err: error }, "sessions that are due could not be ended"),
  );
  return {
    radius,
    wake: endings.wake,
    open() {
      endings.start();
      network.dynamicAuthorization.open();
      const openRadius = () => void (network.clientTable.size > 0 && radius.open());
      network.clientTable.onReload(openRadius);
      openRadius();
    },
    async close() {
      await radius.close();
      coaClient.close();
      await endings.close();
      await network.dynamicAuthorization.settle();
    },
    collect: () => [...radiusFigures(radius), ...network.figures.collect()],
  };
};
