import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import type { Clock } from "../kernel/clock.ts";
import { counter, type Family, gauge } from "../metrics/family.ts";
import { histogram } from "../metrics/latencies.ts";
import type { ServedClients } from "../modules/network/aaa-clients/index.ts";
import { createRadiusServer, type RadiusServer } from "../radius/server/radius-server.ts";
import type { Services } from "./modules.ts";

export interface RadiusServerDependencies {
  readonly services: Pick<Services, "aaaClients" | "networkAccess" | "sessions">;
  readonly config: Config;
  /** Whether other workers of the same primary listen for RADIUS, too. */
  readonly sharesPorts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The embedded RADIUS server over the modules of the network. */
export const buildRadiusServer = ({ services, config, sharesPorts, clock, logger }: RadiusServerDependencies): RadiusServer => {
  const { table } = services.aaaClients;
  const { access, shareOf } = services.networkAccess;
  const { accounting } = services.sessions;
  return createRadiusServer({
    ports: {
      sourceOf: table.sourceOf,
      shareOf,
      trustOf: (client) => ({
        id: client.id,
        name: client.shortName,
        secret: client.secret,
        requiresMessageAuthenticator: client.requireMessageAuthenticator,
      }),
      authorize: access.authorize,
      account: accounting.account,
    },
    places: { hosts: config.radiusHosts, authPort: config.radiusAuthPort, acctPort: config.radiusAcctPort },
    clock,
    logger,
    sharesPorts,
  });
};

/** Opens the RADIUS server as soon as there is a client, now or later. */
export const openWithClients = (radius: RadiusServer, table: ServedClients): void => {
  const open = () => void (table.size > 0 && radius.open());
  table.onReload(open);
  open();
};

/** What operators watch of the RADIUS server. */
export const radiusFigures = (radius: RadiusServer): readonly Family[] => [
  counter(
    "gatehouse_radius_packets_total",
    "RADIUS packets that came in: each counts once as `received`, and once more by its outcome.",
    Object.entries(radius.tallies()).flatMap(([port, tally]) =>
      Object.entries(tally).map(([outcome, value]) => ({ labels: { port, outcome }, value })),
    ),
  ),
  histogram(
    "gatehouse_radius_request_duration_seconds",
    "How long RADIUS requests took from their arrival to their answer, by port.",
    radius.loads().flatMap(({ name, latencies }) => latencies.samples("gatehouse_radius_request_duration_seconds", { port: name })),
  ),
  gauge(
    "gatehouse_radius_queue",
    "RADIUS requests that are worked on, and that wait for it, by port.",
    radius.loads().flatMap(({ name, depth }) => Object.entries(depth).map(([state, value]) => ({ labels: { port: name, state }, value }))),
  ),
  gauge("gatehouse_radius_sockets", "Sockets on which RADIUS listens.", radius.addresses().length),
  gauge("gatehouse_radius_sockets_missing", "Sockets on which RADIUS should listen and does not.", radius.missing().length),
];
