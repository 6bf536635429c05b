import { sql } from "kysely";
import type { Change, Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn, within } from "../../../storage/paging.ts";

/** What is counted, per organization. */
export type Counted = "user.active" | "user.inactive" | "user_extra" | "device";

const countedAs: Record<string, (image: Image) => Counted> = {
  user: (image) => (image["is_active"] === true ? "user.active" : "user.inactive"),
  user_extra: () => "user_extra",
  device: () => "device",
};

/** Keeps the counts in step with the records, in the transaction of each write. */
export const keptCountsHandler = (capabilities: Capabilities): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes) {
    const deltas = deltasOf(changes, capabilities.countSlots);
    // One order for everyone: two units that change the same counts wait for each other instead of locking each other out.
    const inOrder = [...deltas].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, { row, delta }] of inOrder) {
      if (delta === 0) continue;
      await handle
        .insertInto("kept_count")
        .values({ ...row, total: delta })
        .onConflict((conflict) =>
          conflict
            .columns(["name_space_id", "organization_id", "counted", "slot"])
            .doUpdateSet((eb) => ({ total: eb("kept_count.total", "+", delta) })),
        )
        .execute();
    }
  },
});

interface CountRow {
  name_space_id: number;
  organization_id: number;
  counted: Counted;
  slot: number;
}

const deltasOf = (changes: readonly Change[], slots: number): Map<string, { row: CountRow; delta: number }> => {
  const deltas = new Map<string, { row: CountRow; delta: number }>();
  const add = (change: Change, image: Image | null, delta: number) => {
    const counted = countedAs[change.resource];
    if (!counted || !image) return;
    const row = {
      name_space_id: change.nameSpaceId,
      organization_id: image.organization,
      counted: counted(image),
      slot: change.resourceId % slots,
    };
    const key = `${row.name_space_id}/${row.organization_id}/${row.counted}/${row.slot}`;
    const entry = deltas.get(key) ?? { row, delta: 0 };
    entry.delta += delta;
    deltas.set(key, entry);
  };
  for (const change of changes) {
    add(change, change.before, -1);
    add(change, change.after, 1);
  }
  return deltas;
};

/** The kept count of records of some kinds that a scope sees, of one organization or of all. */
export const readKeptCount = async (
  handle: Handle,
  scope: TenantScope | null,
  counted: readonly Counted[],
  organizationId?: number,
): Promise<number> => {
  let query = handle
    .selectFrom("kept_count")
    .select(sql<number>`coalesce(sum(total), 0)`.as("total"))
    .where(within(scope, "kept_count"))
    .where(isIn(sql.ref("counted"), counted));
  if (organizationId !== undefined) query = query.where("organization_id", "=", organizationId);
  const row = await query.executeTakeFirstOrThrow();
  return row.total;
};
