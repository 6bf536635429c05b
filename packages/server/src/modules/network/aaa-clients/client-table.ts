import { networkBits, parseAddress, parseNetwork } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClientStore } from "./aaa-client.store.ts";
import type { AaaClient } from "./aaa-client.ts";

/** The clients that are served, in memory: a packet's source names its client without asking anybody. */
export interface ClientTable {
  /** The client whose address or narrowest range holds a source address; undefined: nobody that is served. */
  find(address: string): AaaClient | undefined;
  /** A client by its id, if it is served. */
  get(id: number): AaaClient | undefined;
  /** Whether a client is served, and can be asked to end or change a session. */
  takesRequests(id: number): boolean;
  readonly size: number;
  /** Reads all clients anew: at the start, and after any process changed one. */
  reload(): Promise<void>;
  /** Has a function called after each reload. */
  onReload(listener: () => void): void;
}

interface Range {
  readonly version: 4 | 6;
  readonly prefixLength: number;
  readonly byBits: ReadonlyMap<bigint, AaaClient>;
}

/** Source addresses whose clients are remembered, those of nobody included: parsing one costs more than the rest. */
const rememberedSources = 10_000;

export const createClientTable = ({ work }: { work: Work<{ aaaClients: AaaClientStore }> }): ClientTable => {
  let byId: ReadonlyMap<number, AaaClient> = new Map();
  /** Narrow ranges before wide ones. */
  let ranges: readonly Range[] = [];
  let sources = new BoundedCache<string, AaaClient | null>(rememberedSources);
  const listeners: (() => void)[] = [];
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const load = async () => {
    const clients = await work.acrossTenants("a packet's source names its tenant itself").aaaClients.listActive();
    // All of it is new or nothing: a client that is in one list alone would be half served.
    const newRanges = rangesOf(clients);
    byId = new Map(clients.map((client) => [client.id, client]));
    ranges = newRanges;
    sources = new BoundedCache(rememberedSources);
    for (const listener of listeners) listener();
  };

  /** Who asks while a load is under way may have changed what it has read already: those share the load after it. */
  const reload = (): Promise<void> => {
    if (running) {
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          return reload();
        });
      return next;
    }
    running = load().finally(() => {
      running = undefined;
    });
    return running;
  };

  const search = (source: string): AaaClient | undefined => {
    // A link-local address names its interface after a percent sign.
    const address = parseAddress(source.split("%", 1)[0]!);
    if (!address) return undefined;
    for (const range of ranges) {
      if (range.version !== address.version) continue;
      const client = range.byBits.get(networkBits(address, range.prefixLength));
      if (client) return client;
    }
    return undefined;
  };

  return {
    find(source) {
      const known = sources.get(source);
      if (known !== undefined) return known ?? undefined;
      const client = search(source);
      sources.set(source, client ?? null);
      return client;
    },
    get: (id) => byId.get(id),
    takesRequests: (id) => (byId.get(id)?.coaPort ?? null) !== null,
    get size() {
      return byId.size;
    },
    reload,
    onReload: (listener) => void listeners.push(listener),
  };
};

const rangesOf = (clients: readonly AaaClient[]): Range[] => {
  const ranges = new Map<string, { version: 4 | 6; prefixLength: number; byBits: Map<bigint, AaaClient> }>();
  for (const client of clients) {
    const { version, prefixLength, bits } = parseNetwork(client.address)!;
    const key = `${version}/${prefixLength}`;
    const range = ranges.get(key) ?? { version, prefixLength, byBits: new Map() };
    range.byBits.set(bits, client);
    ranges.set(key, range);
  }
  return [...ranges.values()].sort((a, b) => b.prefixLength - a.prefixLength);
};
