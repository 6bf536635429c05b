import type { Socket } from "node:dgram";
import type { Clock } from "../../kernel/clock.ts";
import { createLatencies, type Latencies } from "../../metrics/latencies.ts";
import { createAccounting } from "./accounting.ts";
import { createAuthentication } from "./authentication.ts";
import { createDuplicateCache } from "./duplicate-cache.ts";
import { createExchange, type Dialogue } from "./exchange.ts";
import { listenAt, type Place, PortTaken } from "./listening-sockets.ts";
import type { RadiusPorts } from "./ports.ts";
import { newTally, type Tally } from "./tally.ts";
import { createThrottledLog, type RadiusLogger } from "./throttled-log.ts";
import { createWorkQueue, type WorkQueueLimits } from "./work-queue.ts";

/** Where the RADIUS server listens. */
export interface RadiusServerPlaces {
  /** IPv4 and IPv6 addresses. A machine with several should name them, because answers leave from the address that the request came to. */
  readonly hosts: readonly string[];
  /** UDP ports; 0 takes any free one, undefined is closed. */
  readonly authPort: number | undefined;
  readonly acctPort: number | undefined;
}

export interface RadiusServerDependencies<Client extends object> {
  readonly ports: RadiusPorts<Client>;
  readonly places: RadiusServerPlaces;
  readonly clock: Clock;
  readonly logger: RadiusLogger;
  /** Whether other workers of the same primary listen at the same ports. */
  readonly sharesPorts: boolean;
  /** Of each of the two ports. */
  readonly limits?: WorkQueueLimits;
}

/** The embedded RADIUS server: PAP, CHAP, MAC authentication and accounting by UDP. */
export interface RadiusServer {
  /** Opens the sockets that are not open yet; called when there is a client. A taken port is tried again every half minute. */
  open(): Promise<void>;
  /** The places that are open now, with their real ports. */
  addresses(): readonly { readonly name: Dialogue<unknown>["name"]; readonly host: string; readonly port: number }[];
  /** The places where it should listen and does not; none before it was opened. */
  missing(): readonly { readonly name: Dialogue<unknown>["name"]; readonly host: string; readonly port: number }[];
  /** The outcomes of the datagrams since the start. */
  tallies(): Readonly<Record<Dialogue<unknown>["name"], Readonly<Tally>>>;
  /** How long answers took, and what waits, by port. */
  loads(): readonly {
    readonly name: Dialogue<unknown>["name"];
    readonly latencies: Latencies;
    readonly depth: { readonly running: number; readonly waiting: number };
  }[];
  /** Stops listening after the requests that have begun are answered. */
  close(): Promise<void>;
}

/** 128 units fill two flushes of the writer; a thousand waiting are a tenth of a second of a busy site. */
const ordinaryLimits: WorkQueueLimits = { running: 128, waiting: 1024, maxWaitMs: 3_000 };

/** Of all clients of a port together: some 10 MB of packets at most in ordinary use. */
const rememberedRequests = 16_384;

const retryMs = 30_000;

export const createRadiusServer = <Client extends object>(deps: RadiusServerDependencies<Client>): RadiusServer => {
  const { ports, places, clock, logger, limits = ordinaryLimits } = deps;
  const watch = { clock, strangers: createThrottledLog(logger, clock), failures: createThrottledLog(logger, clock) };
  const side = (dialogue: Dialogue<Client>, port: number | undefined) => {
    const queue = createWorkQueue(limits, clock);
    const tally = newTally();
    const latencies = createLatencies();
    const duplicates = createDuplicateCache(rememberedRequests, clock);
    const exchange = createExchange({ dialogue, ports, duplicates, queue, figures: { tally, onAnswered: latencies.observe }, watch });
    const wanted: Place[] = port === undefined ? [] : places.hosts.map((host) => ({ host, port, exchange }));
    return { name: dialogue.name, queue, tally, latencies, wanted };
  };
  const sides = [
    side(createAuthentication(ports, watch), places.authPort),
    side(createAccounting(ports.account), places.acctPort),
  ] as const;

  const open = new Map<Place, Socket>();
  const refused = new Set<Place>();
  let opening: Promise<void> | undefined;
  let isClosed = false;
  let wasOpened = false;
  let retry: NodeJS.Timeout | undefined;

  const openPlace = async (place: Place): Promise<void> => {
    const { host, port } = place;
    try {
      const socket = await listenAt(place, deps.sharesPorts, logger, () => {
        open.delete(place);
        tryLater();
      });
      open.set(place, socket);
      refused.delete(place);
      logger.info({ host, port: socket.address().port }, "RADIUS listens");
    } catch (error) {
      const reason = error instanceof PortTaken ? error.message : "The system refuses this address or port.";
      const fields = { host, port, reason, ...(error instanceof PortTaken ? {} : { err: error }) };
      if (!refused.has(place)) logger.error(fields, "RADIUS cannot listen here, and tries again until it can");
      refused.add(place);
    }
  };

  const openMissing = async (): Promise<void> => {
    const missing = sides.flatMap(({ wanted }) => wanted).filter((place) => !open.has(place));
    await Promise.all(missing.map(openPlace));
    if (refused.size > 0) tryLater();
  };

  const tryLater = (): void => {
    if (isClosed) return;
    clearTimeout(retry);
    retry = setTimeout(() => void openOnce(), retryMs).unref();
  };

  const openOnce = async (): Promise<void> => {
    if (isClosed) return;
    wasOpened = true;
    opening ??= openMissing().finally(() => {
      opening = undefined;
    });
    await opening;
  };

  return {
    open: openOnce,
    addresses: () =>
      sides.flatMap(({ name, wanted }) =>
        wanted.flatMap((place) => {
          const socket = open.get(place);
          return socket ? [{ name, host: place.host, port: socket.address().port }] : [];
        }),
      ),
    missing: () =>
      wasOpened && !isClosed
        ? sides.flatMap(({ name, wanted }) => wanted.filter((place) => !open.has(place)).map(({ host, port }) => ({ name, host, port })))
        : [],
    loads: () => sides.map(({ name, latencies, queue }) => ({ name, latencies, depth: queue.depth() })),
    tallies: () => ({ authentication: sides[0].tally, accounting: sides[1].tally }),
    async close() {
      isClosed = true;
      clearTimeout(retry);
      await opening;
      for (const socket of open.values()) socket.removeAllListeners("message");
      await Promise.all(sides.map(({ queue }) => queue.idle()));
      // Answers leave at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([...open.values()].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
      open.clear();
    },
  };
};
