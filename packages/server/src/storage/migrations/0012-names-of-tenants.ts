import { sql } from "kysely";
import type { Migration } from "./migration.ts";

interface Named {
  readonly id: number;
  readonly parent_id: number | null;
  readonly slug: string;
}

/**
 * Rules that say whose accounts a name means at shared equipment, and slugs that are unique below one parent rather than
 * in a name space: what a tenant calls the organizations below it is no other tenant's matter.
 */
export const migration: Migration = {
  name: "0012-names-of-tenants",
  async up({ handle, types }) {
    await handle.schema
      .alterTable("organization")
      .addColumn("login_rules", types.json, (column) => column.notNull().defaultTo("[]"))
      .execute();
    await renameNamesakes(handle);
    await handle.schema.dropIndex("organization__slug").execute();
    await handle.schema
      .createIndex("organization__slug")
      .on("organization")
      .columns(["name_space_id", "parent_id", "slug"])
      .unique()
      .execute();
    // Siblings that open name spaces have none in common: these are kept apart by the tree's lock alone.
    await handle.schema.createIndex("organization__beside").on("organization").columns(["parent_id", "slug"]).execute();
  },
};

/** Two requests at once could leave two openers of name spaces side by side with one slug: the later one gets its id behind it. */
const renameNamesakes = async (handle: Parameters<Migration["up"]>[0]["handle"]): Promise<void> => {
  const organizations = (await handle
    .selectFrom("organization")
    .select(["id", "parent_id", "slug"])
    .orderBy("id")
    .execute()) as unknown as Named[];
  const taken = new Set<string>();
  for (const { id, parent_id, slug } of organizations) {
    const place = `${parent_id}/`;
    if (parent_id !== null && taken.has(place + slug)) {
      const renamed = `${slug.slice(0, 80)}-${id}`;
      taken.add(place + renamed);
      await handle.updateTable("organization").set({ slug: renamed, version: sql`version + 1` }).where("id", "=", id).execute();
    } else taken.add(place + slug);
  }
};
