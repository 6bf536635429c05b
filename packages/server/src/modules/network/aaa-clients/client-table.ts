import { parseAddress } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import { type AddressGrant, type AddressGrantStore, type Holding, holdersAmong, holdingOf, mayUse } from "../address-grants/index.ts";
import type { AaaClientStore } from "./aaa-client.store.ts";
import { type AaaClient, addressesOf, namesOf } from "./aaa-client.ts";
import { type Address, holding, type Range, rangesOf } from "./address-ranges.ts";
import type { KnownName, NameBook } from "./name-book.ts";
import { judgeResolved, type ResolvedName } from "./resolved-names.ts";
import { mostCandidates } from "./shared-address.ts";

/** The clients that are served, in memory: a packet's source names its client without asking anybody. */
export interface ClientTable {
  /** The client whose address or narrowest range holds a source address; undefined: nobody that is served. */
  find(address: string): AaaClient | undefined;
  /** The clients that a packet from an address may be of. */
  sourceOf(address: string): PacketSource;
  /** A client by its id, if it is served. */
  get(id: number): AaaClient | undefined;
  /** The clients that are served. */
  all(): Iterable<AaaClient>;
  /** Whether a client is served, and can be asked to end or change a session. */
  takesRequests(id: number): boolean;
  /** Whether a client's organization, or one above it, holds an address: only there is the client asked for anything. */
  mayBeAt(client: AaaClient, address: string): boolean;
  /** What became of a client's DNS names, here; empty for a client that is not served. */
  resolvedOf(id: number): readonly ResolvedName[];
  /** The DNS names of all clients that are served, each with who pays for looking it up. */
  names(): ReadonlyMap<string, string>;
  /** Gives clients the addresses that the book has now for their names. */
  renewNames(): void;
  readonly size: number;
  /** Reads all clients and grants anew: at the start, and after any process changed one. */
  reload(): Promise<void>;
  /** Has a function called after each reload. */
  onReload(listener: () => void): void;
  /** Ends when no reload is under way; none begins any more. */
  close(): Promise<void>;
}

export interface ClientTableDependencies {
  readonly work: Work<{ readonly aaaClients: AaaClientStore; readonly addressGrants: AddressGrantStore }>;
  readonly directory: OrganizationDirectory;
  /** Grants of organizations that are not in line overlap: told when they are first read, and when they are others. */
  onDisputed(grants: readonly AddressGrant[]): void;
  /** The addresses of names. */
  readonly book: NameBook;
  /** Whether a name may have an address that is granted to nobody: of the root's clients, and no loopback or the like. */
  readonly isOrdinary: (address: string) => boolean;
  /** A name gives a client other addresses than before. */
  onRenamed(client: AaaClient, name: ResolvedName): void;
}

/** Who may send from an address. */
export interface PacketSource {
  /** One at most; at a shared address several, among whom the secret chooses. */
  readonly clients: readonly AaaClient[];
  readonly isShared: boolean;
}

/** Source addresses whose clients are remembered, those of nobody included: parsing one costs more than the rest. */
const rememberedSources = 10_000;

const nobody: PacketSource = { clients: [], isShared: false };

export const createClientTable = (deps: ClientTableDependencies): ClientTable => {
  const { work, directory, onDisputed } = deps;
  let byId: ReadonlyMap<number, AaaClient> = new Map();
  let clientRanges: readonly Range<AaaClient>[] = [];
  let grantRanges: readonly Range<Holding>[] = [];
  /** By what names gave: single addresses. */
  let namedRanges: readonly Range<AaaClient>[] = [];
  let resolved: ReadonlyMap<number, readonly ResolvedName[]> = new Map();
  let tree: OrganizationTree | undefined;
  let sources = new BoundedCache<string, PacketSource>(rememberedSources);
  let disputed = "";
  const listeners: (() => void)[] = [];
  let isClosed = false;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const load = async () => {
    const stores = work.acrossTenants("a packet's source names its tenant itself");
    const [clients, grants] = [await stores.aaaClients.listActive(), await stores.addressGrants.listAll()];
    const newTree = await directory.covering([...clients, ...grants].map(({ organizationId }) => organizationId));
    // All of it is new or nothing: a client that is in one list alone would be half served.
    const newClients = rangesOf(clients.flatMap((client) => addressesOf(client).map((network) => ({ network, value: client }))));
    const newGrants = rangesOf(grants.map((grant) => ({ network: grant.network, value: holdingOf(grant) })));
    byId = new Map(clients.map((client) => [client.id, client]));
    [tree, clientRanges, grantRanges] = [newTree, newClients, newGrants];
    renewNames();
    const disputes = grants.filter((grant) => grant.isDisputed);
    const disputedNow = disputes.map(({ id }) => id).join();
    if (disputedNow !== disputed) onDisputed(disputes);
    disputed = disputedNow;
    for (const listener of listeners) listener();
  };

  const renewNames = (): void => {
    const before = resolved;
    const at = (address: Address) => [...holding(clientRanges, address)].flat();
    const judged = judgeResolved({ tree: tree!, clients: [...byId.values()], book: deps.book, holdersOf, at, isOrdinary: deps.isOrdinary });
    [resolved, namedRanges] = [judged.byClient, rangesOf(judged.entries)];
    sources = new BoundedCache(rememberedSources);
    for (const [id, names] of resolved) {
      for (const name of names) {
        const known = before.get(id)?.find((one) => one.name === name.name);
        if (placesOf(known) !== placesOf(name)) deps.onRenamed(byId.get(id)!, name);
      }
    }
  };

  /** Who asks while a load is under way may have changed what it has read already: those share the load after it. */
  const reload = (): Promise<void> => {
    if (isClosed) return Promise.resolve();
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

  const holdersOf = (address: Address) => holdersAmong(tree!, [...holding(grantRanges, address)].flat());

  const search = (text: string): PacketSource => {
    // A link-local address names its interface after a percent sign.
    const address = parseAddress(text.split("%", 1)[0]!);
    if (!address || !tree) return nobody;
    const holders = holdersOf(address);
    const clients: AaaClient[] = [];
    for (const found of [...holding(namedRanges, address), ...holding(clientRanges, address)]) {
      for (const client of found) {
        if (mayUse(tree, client.organizationId, holders) && !clients.includes(client)) clients.push(client);
      }
      if (clients.length > 0 && !holders.areSharing) return { clients: clients.slice(0, 1), isShared: false };
    }
    return { clients: clients.slice(0, mostCandidates), isShared: holders.areSharing };
  };

  const sourceOf = (text: string): PacketSource => {
    const known = sources.get(text);
    if (known !== undefined) return known;
    const source = search(text);
    sources.set(text, source);
    return source;
  };

  return {
    find: (source) => sourceOf(source).clients[0],
    sourceOf,
    get: (id) => byId.get(id),
    all: () => byId.values(),
    takesRequests: (id) => (byId.get(id)?.coaPort ?? null) !== null,
    mayBeAt(client, text) {
      const address = parseAddress(text);
      return address !== undefined && tree !== undefined && mayUse(tree, client.organizationId, holdersOf(address));
    },
    // When it was looked up changes each minute, and nothing else hangs on that.
    resolvedOf: (id) => (resolved.get(id) ?? []).map((one) => ({ ...one, ...timesOf(deps.book.find(one.name)) })),
    names() {
      const named = [...byId.values()].flatMap((client) => namesOf(client).map((name) => ({ name, client })));
      return new Map(named.map(({ name, client: { organizationId } }) => [name, payingOrganization(tree!, organizationId)]));
    },
    renewNames() {
      if (tree) renewNames();
    },
    get size() {
      return byId.size;
    },
    reload,
    onReload: (listener) => void listeners.push(listener),
    async close() {
      isClosed = true;
      await running?.catch(() => {});
    },
  };
};

const placesOf = (name: ResolvedName | undefined): string => JSON.stringify([name?.addresses ?? [], name?.refused ?? []]);

const timesOf = (known: KnownName | undefined) => known && { resolvedAtMs: known.resolvedAtMs, failure: known.failure };
