import type { Config } from "../config/settings.ts";
import type { WriteSender } from "../handover/write-sender.ts";
import type { House } from "../modules/manifest.ts";
import type { NameLookup } from "../modules/network/aaa-clients/index.ts";
import { createDnsLookup } from "../outbound/name-lookup.ts";
import { destinationFault } from "../radius/dynamic-authorization/destination-address.ts";
import { createThrottledLog } from "../radius/server/throttled-log.ts";
import { attributeDictionary } from "./attribute-dictionary.ts";
import { createCoaClient } from "./coa-client.ts";

export interface PortDependencies {
  readonly config: Config;
  readonly house: Pick<House<unknown>, "clock" | "delay" | "logger">;
  /** How DNS is asked; without it: by the name servers of the machine. */
  readonly lookup: NameLookup | undefined;
  readonly writes: WriteSender | undefined;
}

/** What modules need of rooms that they must not import, by the names under which they need it. */
export type Ports = ReturnType<typeof createPorts>;

export const createPorts = ({ config, house, lookup, writes }: PortDependencies) => {
  const { clock, delay, logger } = house;
  return {
    dictionary: attributeDictionary,
    dns: lookup ?? createDnsLookup(),
    /** Sends CoA-Requests and Disconnect-Requests. */
    coaClient: createCoaClient(config, clock, delay),
    clientAddresses: { isOrdinary: (address: string) => destinationFault(address, "none") === undefined },
    /** For what strangers and tenants can cause. */
    throttledLog: createThrottledLog(logger, clock),
    /** The way to the process that writes, where this one does not. */
    writer: writes,
  };
};
