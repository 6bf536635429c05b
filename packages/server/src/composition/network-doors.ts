import type { Logger } from "pino";
import { type AttributeItem, firstOf } from "../aaa/words/attributes.ts";
import type { Config } from "../config/settings.ts";
import { createWakeup } from "../jobs/wakeup.ts";
import { whenAtHand } from "../kernel/at-hand.ts";
import { type Clock, type Delay, systemDelay } from "../kernel/clock.ts";
import { type Collector, counter, type Family, gauge } from "../metrics/family.ts";
import { histogram } from "../metrics/latencies.ts";
import type { AaaClient } from "../modules/network/aaa-clients/index.ts";
import type { OrderPort } from "../modules/network/disconnects/index.ts";
import type { Credential } from "../modules/network/network-access/index.ts";
import { createOrderSender } from "../radius/dynamic-authorization/order-sender.ts";
import type { AccessRequest, AccessAnswer as RadiusAnswer, RadiusPorts, Credential as ShownCredential } from "../radius/server/ports.ts";
import { createRadiusDoor, type RadiusDoor } from "../radius/server/radius-door.ts";
import type { Network } from "./network.ts";

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

/** The doors to network equipment, in and out, and what goes through them unasked. */
export interface NetworkDoors {
  /** The embedded RADIUS server. */
  readonly radius: RadiusDoor;
  /** Sessions may be due: they are ended at once rather than by the next job. */
  wake(): void;
  /** Opens the RADIUS server from the moment when there is a client, now or later, and begins to end what is due. */
  open(): void;
  /** Ends when what was asked is answered, and what was sent is answered or given up. */
  close(): Promise<void>;
  readonly collect: Collector;
}

export interface NetworkDoorsDependencies {
  readonly network: Network;
  readonly orders: ReturnType<typeof orderPort>;
  readonly config: Config;
  /** Whether other workers of the same primary listen for RADIUS, too. */
  readonly sharesPorts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const createNetworkDoors = ({ network, orders, config, sharesPorts, clock, logger }: NetworkDoorsDependencies): NetworkDoors => {
  const radius = createRadiusDoor({
    ports: radiusPorts(network, clock),
    places: { hosts: config.radiusHosts, authPort: config.radiusAuthPort, acctPort: config.radiusAcctPort },
    clock,
    logger,
    sharesPorts,
  });
  const endings = createWakeup(
    async () => {
      await network.disconnects.endDue();
      await network.sender.sendDue();
    },
    (error) => logger.error({ err: error }, "sessions that are due could not be ended"),
  );
  return {
    radius,
    wake: endings.wake,
    open() {
      endings.start();
      const openDoor = () => void (network.clientTable.size > 0 && radius.open());
      network.clientTable.onReload(openDoor);
      openDoor();
    },
    async close() {
      await radius.close();
      orders.close();
      await endings.close();
      await network.sender.settle();
    },
    collect: () => [...radiusFigures(radius), ...network.figures.collect()],
  };
};

const radiusFigures = (radius: RadiusDoor): readonly Family[] => [
  counter(
    "gatehouse_radius_packets_total",
    "RADIUS packets that came in: each is `received`, and one thing more that became of it.",
    Object.entries(radius.tallies()).flatMap(([port, tally]) =>
      Object.entries(tally).map(([fate, value]) => ({ labels: { port, fate }, value })),
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

const radiusPorts = ({ clientTable, shareOf, access, accounting, heard }: Network, clock: Clock): RadiusPorts<AaaClient> => ({
  sourceOf: clientTable.sourceOf,
  shareOf,
  trustOf: (client) => ({
    id: client.id,
    name: client.shortName,
    secret: client.secret,
    requiresMessageAuthenticator: client.requireMessageAuthenticator,
  }),
  authorize(request) {
    heard(request.client, request.receivedAtMs);
    let accept: Buffer | undefined;
    const write = (reply: readonly AttributeItem[]): string | undefined => {
      const written = request.write(reply.map(({ attribute, value }) => ({ name: attribute, value })));
      if ("fault" in written) return written.fault;
      accept = written.bytes;
      return undefined;
    };
    return whenAtHand(access.authorize(accessRequestOf(request, write, clock)), (answer): RadiusAnswer => {
      if (answer.outcome === "reject") return { code: "reject", attributes: [{ name: "Reply-Message", value: answer.message }] };
      // Nobody is let in whose Accept was not written.
      return { code: "accept", bytes: accept! };
    });
  },
  async account({ client, attributes, sourceAddress, receivedAtMs }) {
    heard(client, receivedAtMs);
    return accounting.account({ client, attributes, sourceAddress, receivedAtMs });
  },
});

const accessRequestOf = (
  { client, credential, attributes, deadlineMs, stepAside }: AccessRequest<AaaClient>,
  write: (reply: readonly AttributeItem[]) => string | undefined,
  clock: Clock,
) => ({
  client,
  source: "radius" as const,
  userName: firstOf(attributes, "User-Name") ?? "",
  credential: credentialOf(credential),
  attributes,
  write,
  isWanted: () => clock.nowMs() <= deadlineMs,
  stepAside,
});

const credentialOf = (shown: ShownCredential): Credential => {
  switch (shown.kind) {
    case "password":
      return { method: "pap", password: Buffer.from(shown.password) };
    case "chap":
      return { method: "chap", ...shown.proof };
    case "unsupported":
      return { method: "unsupported" };
    case "none":
      return { method: "none" };
  }
};
