import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Change, Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { insertRows } from "../../../storage/statements.ts";
import { inListedNameSpaces, within } from "../../../storage/tenant-wall.ts";

/** What records of each resource are counted as, per organization: the modules declare it. */
export type CountedAs = Readonly<Record<string, (image: Image) => string>>;

/** An account that has moved to another organization. */
export interface MovedAccount {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly from: number;
  readonly to: number;
}

/** Records that have gone with an account to its new organization, without changes of their own. */
export interface Follower {
  readonly accountId: number;
  readonly counted: string;
  readonly total: number;
}

/** Counts what has gone with accounts to their new organizations. */
export type CountFollowers = (handle: Handle, accounts: readonly MovedAccount[]) => Promise<readonly Follower[]>;

/** What is counted: by its changes, and by those of its account. The modules declare both. */
export interface Counting {
  readonly countedAs: CountedAs;
  readonly followers: readonly CountFollowers[];
}

/** Keeps the counts in step with the records, in the transaction of each write. */
export const keptCountsHandler = (capabilities: Capabilities, { countedAs, followers }: Counting): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes) {
    const slots = capabilities.countSlots;
    const deltas = deltasOf(changes, countedAs, slots);
    const moved = new Map(changes.flatMap(moveOf).map((account) => [account.id, account]));
    if (moved.size > 0) {
      for (const count of followers) addFollowers(deltas, moved, await count(handle, [...moved.values()]), slots);
    }
    // One order for everyone: two units that change the same counts wait for each other instead of locking each other out.
    const rows = [...deltas]
      .filter(([, row]) => row.total !== 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
    await insertRows(handle, "kept_count", rows, {
      onConflict: { keys: ["name_space_id", "organization_id", "counted", "slot"], columns: ["total"], change: "add" },
    });
  },
});

/** The organization id of the rows that count a whole name space, so that its count is not a sum over its organizations. */
const wholeNameSpace = 0;
/** The name space of those that count everything, so that the count of who sees everything is no sum over name spaces. */
const everyNameSpace = 0;

type CountRow = {
  name_space_id: number;
  organization_id: number;
  counted: string;
  slot: number;
  total: number;
};

/** Most changes leave every count as it is. */
const countsAsBefore = ({ resource, before, after }: Change, countedAs: CountedAs): boolean => {
  const counted = countedAs[resource];
  if (!counted) return true;
  return before !== null && after !== null && before.organization === after.organization && counted(before) === counted(after);
};

const moveOf = ({ resource, resourceId: id, nameSpaceId, before, after }: Change): MovedAccount[] =>
  resource === "user" && before && after && before.organization !== after.organization
    ? [{ id, nameSpaceId, from: before.organization, to: after.organization }]
    : [];

const addTo = (deltas: Map<string, CountRow>, row: CountRow): void => {
  const key = `${row.name_space_id}/${row.organization_id}/${row.counted}/${row.slot}`;
  deltas.set(key, { ...row, total: row.total + (deltas.get(key)?.total ?? 0) });
};

const addFollowers = (
  deltas: Map<string, CountRow>,
  moved: ReadonlyMap<number, MovedAccount>,
  followers: readonly Follower[],
  slots: number,
): void => {
  for (const { accountId, counted, total } of followers) {
    const { nameSpaceId, from, to } = moved.get(accountId)!;
    const row = { name_space_id: nameSpaceId, counted, slot: accountId % slots };
    addTo(deltas, { ...row, organization_id: from, total: -total });
    addTo(deltas, { ...row, organization_id: to, total });
  }
};

const deltasOf = (changes: readonly Change[], countedAs: CountedAs, slots: number): Map<string, CountRow> => {
  const deltas = new Map<string, CountRow>();
  const add = (change: Change, image: Image, delta: number) => {
    const counted = countedAs[change.resource]?.(image);
    if (!counted) return;
    const slot = change.resourceId % slots;
    const places = [
      [change.nameSpaceId, image.organization],
      [change.nameSpaceId, wholeNameSpace],
      [everyNameSpace, wholeNameSpace],
    ] as const;
    for (const [nameSpaceId, organizationId] of places) {
      addTo(deltas, { name_space_id: nameSpaceId, organization_id: organizationId, counted, slot, total: delta });
    }
  };
  for (const change of changes) {
    if (countsAsBefore(change, countedAs)) continue;
    if (change.before) add(change, change.before, -1);
    if (change.after) add(change, change.after, 1);
  }
  return deltas;
};

/**
 * The kept count of records of some kinds that a scope sees, of one organization or of all, as an expression within a
 * statement. It looks at no number of scope and organization.
 */
export const keptCount = (
  handle: Handle,
  scope: TenantScope | null,
  counted: readonly string[],
  organization?: { readonly id: number; readonly nameSpaceId: number },
): RawBuilder<number> => {
  const rows = handle
    .selectFrom("kept_count")
    .select(sql<number>`cast(coalesce(sum(total), 0) as bigint)`.as("total"))
    .where(within(scope, "kept_count"))
    .where(sql<SqlBool>`counted in (${sql.join(counted.map((kind) => sql.lit(kind)))})`);
  const ofOrganization = () => rows.where("name_space_id", "=", organization!.nameSpaceId).where("organization_id", "=", organization!.id);
  const ofScope = () => {
    if (scope === null || scope.covers === "everything") {
      return rows.where("name_space_id", "=", sql.lit(everyNameSpace)).where("organization_id", "=", sql.lit(wholeNameSpace));
    }
    const ofNameSpaces = rows.where(inListedNameSpaces(scope, "kept_count"));
    return scope.covers === "organizations" ? ofNameSpaces : ofNameSpaces.where("organization_id", "=", sql.lit(wholeNameSpace));
  };
  return sql<number>`(${organization ? ofOrganization() : ofScope()})`;
};
