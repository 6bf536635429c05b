import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationStore } from "./organization.store.ts";
import { OrganizationTree } from "./organization-tree.ts";

/** How long a process may go on with a tree that another process has changed. */
const freshForMs = 1_000;

/** The tree of organizations, kept in memory and renewed when its revision in the database moves. */
export interface OrganizationDirectory {
  /** The tree, where memory has one that is fresh enough: `current` without waiting. */
  inMemory(): OrganizationTree | undefined;
  current(): Promise<OrganizationTree>;
  /** A tree that knows these organizations if they exist: one that another node has just made is looked for at once. */
  covering(organizationIds: Iterable<number>): Promise<OrganizationTree>;
  /** A tree that knows what these ids and slugs name, if they name anything in the scope. */
  resolving(references: Iterable<number | string | undefined>, scope: TenantScope): Promise<OrganizationTree>;
  /** Forgets the tree: the next reader loads it anew. */
  drop(): void;
}

export interface OrganizationDirectoryDependencies {
  readonly work: Work<{ readonly organizations: OrganizationStore }>;
  readonly clock: Clock;
}

export const createOrganizationDirectory = ({ work, clock }: OrganizationDirectoryDependencies): OrganizationDirectory => {
  const { organizations } = work.acrossTenants("scopes are made of the whole tree");
  let tree: Promise<OrganizationTree> | undefined;
  /** What `tree` has come to, once it has. */
  let settled: OrganizationTree | undefined;
  let revision: string | undefined;
  let checkedAtMs = Number.NEGATIVE_INFINITY;

  const forget = () => {
    tree = undefined;
    settled = undefined;
  };

  const check = async (nowMs: number): Promise<OrganizationTree> => {
    const found = await organizations.findRevision();
    checkedAtMs = nowMs;
    if (tree && found === revision) return tree;
    revision = found;
    settled = undefined;
    const loading = organizations.listNodes().then((nodes) => new OrganizationTree(nodes));
    tree = loading;
    const loaded = await loading;
    if (tree === loading) settled = loaded;
    return loaded;
  };

  const read = async (maxAgeMs: number): Promise<OrganizationTree> => {
    const nowMs = clock.nowMs();
    try {
      // A tree that is dropped while someone waits for it still serves the one who waits.
      return await (tree && isWithin(maxAgeMs, checkedAtMs, nowMs) ? tree : check(nowMs));
    } catch (error) {
      forget();
      throw error;
    }
  };

  return {
    inMemory: () => (isWithin(freshForMs, checkedAtMs, clock.nowMs()) ? settled : undefined),
    current: () => read(freshForMs),
    async covering(organizationIds) {
      const known = await read(freshForMs);
      for (const id of organizationIds) if (!known.find(id)) return read(0);
      return known;
    },
    async resolving(references, scope) {
      const known = await read(freshForMs);
      for (const reference of references) {
        if (reference !== undefined && known.resolve(reference, scope) === undefined) return read(0);
      }
      return known;
    },
    drop: forget,
  };
};
