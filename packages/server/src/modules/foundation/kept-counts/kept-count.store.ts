import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { inListedNamespaces, within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";

/** The organization id of the rows that count a whole namespace, so that its count is not a sum over its organizations. */
export const wholeNamespace = 0;
/** The namespace of those that count everything, so that the count of who sees everything is no sum over namespaces. */
export const everyNamespace = 0;

/** By how much a count changes, or what it is. */
export type CountRow = {
  name_space_id: number;
  organization_id: number;
  counted: string;
  shard: number;
  total: number;
};

export type KeptCountStore = ReturnType<ReturnType<typeof keptCountStore>>;

/** The counts of all organizations: they are kept by what was counted, whoever changed it, so that no scope narrows them. */
export const keptCountStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, _scope: TenantScope | null) => ({
  /** How many shards a count is spread over. */
  shards: tools.capabilities.countShards,

  /** Adds to counts, in the order of the rows: the same for everyone, so that units wait for each other and lock none out. */
  add: (rows: readonly CountRow[]): Promise<void> =>
    write(handle, {
      insertInto: "kept_count",
      rows,
      onConflict: { keys: ["name_space_id", "organization_id", "counted", "shard"], columns: ["total"], change: "add" },
    }),
});

/**
 * The kept count of records of some kinds that a scope sees, of one organization or of all, as an expression within a
 * statement. It looks at no number of scope and organization.
 */
export const keptCount = (
  handle: Handle,
  scope: TenantScope | null,
  counted: readonly string[],
  organization?: { readonly id: number; readonly namespaceId: number },
): RawBuilder<number> => {
  const rows = handle
    .selectFrom("kept_count")
    .select(sql<number>`cast(coalesce(sum(total), 0) as bigint)`.as("total"))
    .where(within(scope, "kept_count"))
    .where(sql<SqlBool>`counted in (${sql.join(counted.map((kind) => sql.lit(kind)))})`);
  const ofOrganization = () => rows.where("name_space_id", "=", organization!.namespaceId).where("organization_id", "=", organization!.id);
  const ofScope = () => {
    if (scope === null || scope.covers === "everything") {
      return rows.where("name_space_id", "=", sql.lit(everyNamespace)).where("organization_id", "=", sql.lit(wholeNamespace));
    }
    const ofNamespaces = rows.where(inListedNamespaces(scope, "kept_count"));
    return scope.covers === "organizations" ? ofNamespaces : ofNamespaces.where("organization_id", "=", sql.lit(wholeNamespace));
  };
  return sql<number>`(${organization ? ofOrganization() : ofScope()})`;
};
