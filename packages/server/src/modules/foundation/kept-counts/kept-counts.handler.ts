import type { Change, Image } from "../../../kernel/change.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import { type CountRow, everyNamespace, type KeptCountStore, wholeNamespace } from "./kept-count.store.ts";

/** What records of each resource are counted as, per organization: the modules declare it. */
type CountedAs = Readonly<Record<string, (image: Image) => string>>;

/** An account that has moved to another organization. */
export interface MovedAccount {
  readonly id: number;
  readonly namespaceId: number;
  readonly from: number;
  readonly to: number;
}

/** Records that have moved with an account to its new organization, without changes of their own. */
export interface MovedRecords {
  readonly accountId: number;
  readonly counted: string;
  readonly total: number;
}

/** Counts the records of one kind that have moved with accounts. */
export type CountMoved<Stores> = (stores: Stores, accounts: readonly MovedAccount[]) => Promise<readonly MovedRecords[]>;

/** What is counted: by its changes, and by those of its account. The modules declare both. */
export interface Counting<Stores> {
  readonly countedAs: CountedAs;
  readonly moved: readonly CountMoved<Stores>[];
}

interface CountingStores {
  readonly keptCounts: KeptCountStore;
}

/** Keeps the counts in step with the records, in the transaction of each write. */
export const keptCountsHandler = <Stores extends CountingStores>(counting: Counting<Stores>): ChangeHandler<Stores> => ({
  inTransaction: (tx, changes) =>
    addToCounts(() => tx.acrossTenants("what moves with an account is counted, in sight or not"), changes, counting),
});

/** Adds to the counts what changes make of them. */
export const addToCounts = async <Stores extends CountingStores>(
  storesOf: () => Stores,
  changes: readonly Change[],
  { countedAs, moved: counters }: Counting<Stores>,
): Promise<void> => {
  const moved = new Map(changes.flatMap(moveOf).map((account) => [account.id, account]));
  if (moved.size === 0 && changes.every((change) => countsAsBefore(change, countedAs))) return;
  const stores = storesOf();
  const { shards } = stores.keptCounts;
  const deltas = deltasOf(changes, countedAs, shards);
  if (moved.size > 0) {
    for (const count of counters) addMoved(deltas, moved, await count(stores, [...moved.values()]), shards);
  }
  const rows = [...deltas]
    .filter(([, row]) => row.total !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
  await stores.keptCounts.add(rows);
};

/** Most changes leave every count as it is. */
const countsAsBefore = ({ resource, before, after }: Change, countedAs: CountedAs): boolean => {
  const counted = countedAs[resource];
  if (!counted) return true;
  return before !== null && after !== null && before.organization === after.organization && counted(before) === counted(after);
};

const moveOf = ({ resource, resourceId: id, namespaceId, before, after }: Change): MovedAccount[] =>
  resource === "user" && before && after && before.organization !== after.organization
    ? [{ id, namespaceId, from: before.organization, to: after.organization }]
    : [];

const addTo = (deltas: Map<string, CountRow>, row: CountRow): void => {
  const key = `${row.name_space_id}/${row.organization_id}/${row.counted}/${row.shard}`;
  deltas.set(key, { ...row, total: row.total + (deltas.get(key)?.total ?? 0) });
};

const addMoved = (
  deltas: Map<string, CountRow>,
  moved: ReadonlyMap<number, MovedAccount>,
  records: readonly MovedRecords[],
  shards: number,
): void => {
  for (const { accountId, counted, total } of records) {
    const { namespaceId, from, to } = moved.get(accountId)!;
    const row = { name_space_id: namespaceId, counted, shard: accountId % shards };
    addTo(deltas, { ...row, organization_id: from, total: -total });
    addTo(deltas, { ...row, organization_id: to, total });
  }
};

const deltasOf = (changes: readonly Change[], countedAs: CountedAs, shards: number): Map<string, CountRow> => {
  const deltas = new Map<string, CountRow>();
  const add = (change: Change, image: Image, delta: number) => {
    const counted = countedAs[change.resource]?.(image);
    if (!counted) return;
    const shard = change.resourceId % shards;
    const places = [
      [change.namespaceId, image.organization],
      [change.namespaceId, wholeNamespace],
      [everyNamespace, wholeNamespace],
    ] as const;
    for (const [namespaceId, organizationId] of places) {
      addTo(deltas, { name_space_id: namespaceId, organization_id: organizationId, counted, shard, total: delta });
    }
  };
  for (const change of changes) {
    if (countsAsBefore(change, countedAs)) continue;
    if (change.before) add(change, change.before, -1);
    if (change.after) add(change, change.after, 1);
  }
  return deltas;
};
