import type { Clock } from "../../../kernel/clock.ts";
import type { Handle } from "../../../storage/database.ts";
import { OrganizationTree } from "./organization-tree.ts";

/** How long a process may go on with a tree that another process has changed. */
const freshForMs = 1_000;
const revisionName = "organization_revision";

/** The tree of organizations, kept in memory and renewed when its revision in the database moves. */
export interface OrganizationDirectory {
  current(): Promise<OrganizationTree>;
  /** Forgets the tree: the next reader loads it anew. */
  drop(): void;
}

export const createOrganizationDirectory = (reader: Handle, clock: Clock): OrganizationDirectory => {
  let tree: Promise<OrganizationTree> | undefined;
  let revision: string | undefined;
  let checkedAtMs = Number.NEGATIVE_INFINITY;

  const load = async () => {
    const rows = await reader.selectFrom("organization").select(["id", "name_space_id", "parent_id", "slug"]).orderBy("id").execute();
    return new OrganizationTree(
      rows.map((row) => ({ id: row.id, nameSpaceId: row.name_space_id, parentId: row.parent_id, slug: row.slug })),
    );
  };

  const check = async (nowMs: number): Promise<OrganizationTree> => {
    const found = await readRevision(reader);
    checkedAtMs = nowMs;
    if (tree && found === revision) return tree;
    revision = found;
    tree = load();
    return tree;
  };

  return {
    async current() {
      const nowMs = clock.nowMs();
      try {
        // A tree that is dropped while someone waits for it still serves the one who waits.
        return await (tree && nowMs - checkedAtMs < freshForMs ? tree : check(nowMs));
      } catch (error) {
        tree = undefined;
        throw error;
      }
    },
    drop() {
      tree = undefined;
    },
  };
};

const readRevision = async (handle: Handle): Promise<string | undefined> => {
  const row = await handle.selectFrom("installation").select("value").where("name", "=", revisionName).executeTakeFirst();
  return row?.value;
};

/** Moves the revision, inside the unit that changes an organization. */
export const writeRevision = async (handle: Handle, revision: string): Promise<void> => {
  await handle
    .insertInto("installation")
    .values({ name: revisionName, value: revision })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: revision }))
    .execute();
};
