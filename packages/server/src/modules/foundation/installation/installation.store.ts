import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";

export type InstallationStore = ReturnType<ReturnType<typeof installationStore>>;

/** Facts about the installation as a whole; they belong to no tenant. */
export const installationStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** Takes a name that can be taken once in the life of a database: true for the one who did. */
  async claim(name: string, value: string): Promise<boolean> {
    const row = await handle
      .insertInto("installation")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .returning("name")
      .executeTakeFirst();
    return row !== undefined;
  },

  async find(name: string): Promise<string | undefined> {
    const row = await handle.selectFrom("installation").select("value").where("name", "=", name).executeTakeFirst();
    return row?.value;
  },

  /** Takes a fact away and returns it: of several who do, one has it. */
  async take(name: string): Promise<string | undefined> {
    const row = await handle.deleteFrom("installation").where("name", "=", name).returning("value").executeTakeFirst();
    return row?.value;
  },

  /** Keeps a fact in place of what was kept by that name. */
  async keep(name: string, value: string): Promise<void> {
    await handle
      .insertInto("installation")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
      .execute();
  },
});
