import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Change, Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { insertRows } from "../../../storage/statements.ts";
import { inListedNameSpaces, within } from "../../../storage/tenant-wall.ts";

/** What records of each resource are counted as, per organization: the modules declare it. */
export type CountedAs = Readonly<Record<string, (image: Image) => string>>;

/** Keeps the counts in step with the records, in the transaction of each write. */
export const keptCountsHandler = (capabilities: Capabilities, countedAs: CountedAs): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes) {
    // One order for everyone: two units that change the same counts wait for each other instead of locking each other out.
    const rows = [...deltasOf(changes, countedAs, capabilities.countSlots)]
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
      const key = `${nameSpaceId}/${organizationId}/${counted}/${slot}`;
      const row = deltas.get(key) ?? {
        name_space_id: nameSpaceId,
        organization_id: organizationId,
        counted,
        slot,
        total: 0,
      };
      row.total += delta;
      deltas.set(key, row);
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
