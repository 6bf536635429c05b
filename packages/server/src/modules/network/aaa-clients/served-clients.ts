import { parseAddress } from "@gatehouse-aaa/contract";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import { type AddressGrant, type AddressGrantStore, type Holding, holdersAmong, holdingOf, mayUse } from "../address-grants/index.ts";
import type { AaaClientStore } from "./aaa-client.store.ts";
import { type AaaClient, addressesOf, type DamagedClient, namesOf } from "./aaa-client.ts";
import { type Address, holding, type Range, rangesOf } from "./address-ranges.ts";
import type { KnownName, NameBook } from "./name-book.ts";
import { checkResolvedNames, type ResolvedName } from "./resolved-names.ts";
import { maxCandidates, withOwnSecrets } from "./shared-address.ts";
import { createSharedLoads } from "./shared-loads.ts";

/** The clients that are served, in memory: a packet's source names its client without asking anybody. */
export interface ServedClients {
  /** The client whose address or narrowest range holds a source address; undefined: nobody that is served. */
  find(address: string): AaaClient | undefined;
  /** The clients that a packet from an address may be of. */
  sourceOf(address: string): PacketSource;
  /** A client by its id, if it is served. */
  get(id: number): AaaClient | undefined;
  /** Whether a client is still served, for the same organization. */
  serves(client: AaaClient): boolean;
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
  /** The addresses of names. */
  readonly book: NameBook;
  /** Whether a name may have an address that is granted to nobody: of the root's clients, and no loopback or the like. */
  readonly isOrdinary: (address: string) => boolean;
  readonly reports: ClientReports;
}

/** What a person who runs the machine should know of the clients. */
export interface ClientReports {
  /** Grants of organizations that are not in line overlap: called when they are first read, and when they are others. */
  disputed(grants: readonly AddressGrant[]): void;
  /** Clients are not served, for their rows cannot be read: called likewise. */
  damaged(clients: readonly DamagedClient[]): void;
  /** A name gives a client other addresses than before. */
  renamed(client: AaaClient, name: ResolvedName): void;
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

export const createServedClients = (deps: ClientTableDependencies): ServedClients => {
  const { work, directory, reports } = deps;
  let byId: ReadonlyMap<number, AaaClient> = new Map();
  /** Of the damaged clients, too: what lies in a wider range of another client is not taken for that. */
  let clientRanges: readonly Range<DamagedClient>[] = [];
  let grantRanges: readonly Range<Holding>[] = [];
  /** By what names gave: single addresses. */
  let namedRanges: readonly Range<AaaClient>[] = [];
  let resolved: ReadonlyMap<number, readonly ResolvedName[]> = new Map();
  let tree: OrganizationTree | undefined;
  let sources = new BoundedCache<string, PacketSource>(rememberedSources);
  const reportDisputed = onChange(reports.disputed);
  const reportDamaged = onChange(reports.damaged);
  const listeners: (() => void)[] = [];

  const load = async () => {
    const stores = work.acrossTenants("a packet's source names its tenant itself");
    const [{ clients, damaged }, grants] = [await stores.aaaClients.listActive(), await stores.addressGrants.listAll()];
    const standing: readonly DamagedClient[] = [...clients, ...damaged];
    const newTree = await directory.covering([...standing, ...grants].map(({ organizationId }) => organizationId));
    // All of it is new or nothing: a client that is in one list alone would be half served.
    const newClients = rangesOf(standing.flatMap((client) => addressesOf(client).map((network) => ({ network, value: client }))));
    const newGrants = rangesOf(grants.map((grant) => ({ network: grant.network, value: holdingOf(grant) })));
    byId = new Map(clients.map((client) => [client.id, client]));
    [tree, clientRanges, grantRanges] = [newTree, newClients, newGrants];
    renewNames();
    reportDisputed(grants.filter((grant) => grant.isDisputed));
    reportDamaged(damaged);
    for (const listener of listeners) listener();
  };

  const renewNames = (): void => {
    const before = resolved;
    const at = (address: Address) => [...holding(clientRanges, address)].flat();
    const checked = checkResolvedNames({
      tree: tree!,
      clients: [...byId.values()],
      book: deps.book,
      holdersOf,
      at,
      isOrdinary: deps.isOrdinary,
    });
    [resolved, namedRanges] = [checked.byClient, rangesOf(checked.entries)];
    sources = new BoundedCache(rememberedSources);
    for (const [id, names] of resolved) {
      for (const name of names) {
        const known = before.get(id)?.find((one) => one.name === name.name);
        if (placesOf(known) !== placesOf(name)) reports.renamed(byId.get(id)!, name);
      }
    }
  };

  const loads = createSharedLoads(load);

  const holdersOf = (address: Address) => holdersAmong(tree!, [...holding(grantRanges, address)].flat());

  const search = (text: string): PacketSource => {
    // A link-local address names its interface after a percent sign.
    const address = parseAddress(text.split("%", 1)[0]!);
    if (!address || !tree) return nobody;
    const holders = holdersOf(address);
    const clients: AaaClient[] = [];
    for (const standing of [...holding(namedRanges, address), ...holding(clientRanges, address)]) {
      for (const { id, organizationId } of standing) {
        if (!mayUse(tree, organizationId, holders)) continue;
        const client = byId.get(id);
        if (client === undefined && !holders.areSharing) return nobody;
        if (client !== undefined && !clients.includes(client)) clients.push(client);
      }
      if (clients.length > 0 && !holders.areSharing) return { clients: clients.slice(0, 1), isShared: false };
    }
    return { clients: withOwnSecrets(clients).slice(0, maxCandidates), isShared: holders.areSharing };
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
    serves: ({ id, organizationId }) => byId.get(id)?.organizationId === organizationId,
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
    reload: loads.reload,
    onReload: (listener) => void listeners.push(listener),
    close: loads.close,
  };
};

/** Calls back when the records are others than the last time; none are none at the start. */
const onChange = <Row extends { readonly id: number }>(report: (rows: readonly Row[]) => void) => {
  let last = "";
  return (rows: readonly Row[]): void => {
    const now = rows.map(({ id }) => id).join();
    if (now !== last) report(rows);
    last = now;
  };
};

const placesOf = (name: ResolvedName | undefined): string => JSON.stringify([name?.addresses ?? [], name?.refused ?? []]);

const timesOf = (known: KnownName | undefined) => known && { resolvedAtMs: known.resolvedAtMs, failure: known.failure };
