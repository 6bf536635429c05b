import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { settleOrganization } from "./organization.checks.ts";
import type { OrganizationStore } from "./organization.store.ts";
import { blankOrganization, imageOfOrganization, type Organization, type OrganizationFields } from "./organization.ts";
import type { OrganizationDirectory } from "./organization-directory.ts";
import type { OrganizationTree } from "./organization-tree.ts";

interface OrganizationStores {
  readonly organizations: OrganizationStore;
}

/** Records that belong to organizations and keep them from being deleted; modules declare them. */
export interface DeletionBlocker<Stores> {
  /** What one of them is called, and what several. */
  readonly nouns: readonly [one: string, several: string];
  count(stores: Stores, organization: Organization): Promise<number>;
}

/** What changes its place in the tree. */
export interface OrganizationMove {
  /** The tree before. */
  readonly tree: OrganizationTree;
  /** The tree after. */
  readonly moved: OrganizationTree;
  /** The organization that moves, and those below it. */
  readonly organizationIds: readonly number[];
  /** Those that stand above it no more. */
  readonly leavesBehind: readonly number[];
  /** Those that stand above it afterwards. */
  readonly arrivesBelow: readonly number[];
}

/** What of the organizations above is used by records at or below one that is to move; modules declare it. */
export interface MoveBlocker<Stores> {
  readonly nouns: readonly [one: string, several: string];
  count(tx: Transaction<Stores>, move: OrganizationMove): Promise<number>;
}

/** What must happen to other records when an organization changes or goes, in the same unit; modules declare it. */
export interface OrganizationHooks<Stores> {
  /** The organization is about to be deleted. */
  onDelete?(tx: Transaction<Stores>, organization: Organization): Promise<void>;
  onSettingsChange?(tx: Transaction<Stores>, change: { readonly before: Organization; readonly after: Organization }): Promise<void>;
}

export interface OrganizationServiceDependencies<Stores extends OrganizationStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"organization">;
  readonly directory: OrganizationDirectory;
  readonly deletionBlockers: readonly DeletionBlocker<Stores>[];
  readonly moveBlockers: readonly MoveBlocker<Stores>[];
  readonly hooks: readonly OrganizationHooks<Stores>[];
}

export type OrganizationService = ReturnType<typeof createOrganizationService>;

/** The rules of organizations. Every unit that changes the tree locks it first, so that such units follow one another. */
export const createOrganizationService = <Stores extends OrganizationStores>(deps: OrganizationServiceDependencies<Stores>) => {
  const { work, ids, directory } = deps;

  const deletionBlockers: readonly DeletionBlocker<Stores>[] = [
    {
      nouns: ["organization below it", "organizations below it"],
      count: async (stores, { id }) => (await stores.organizations.list({ parentId: id }, countAlone)).count,
    },
    ...deps.deletionBlockers,
  ];

  return {
    async get(scope: TenantScope, id: number): Promise<Organization> {
      return (await work.for(scope).organizations.find(id)) ?? notFound();
    },

    async create(caller: Caller, operation: string, fields: OrganizationFields): Promise<Organization> {
      const id = await ids.take("organization");
      const tree = await directory.current();
      return work.run(caller, async (tx) => {
        await tx.organizations.lockTree();
        const faults = new Faults();
        const plan = { before: blankOrganization(id, tx.nowMs), fields, isNew: true };
        const settled = await settleOrganization({ store: tx.organizations, tree, scope: caller.scope }, plan, faults);
        faults.throwIfAny();
        const organization = { ...settled, version: 1 };
        await tx.organizations.insert(organization);
        recordChange(tx, operation, null, organization);
        return organization;
      });
    },

    async change(
      caller: Caller,
      operation: string,
      id: number,
      fields: OrganizationFields,
      precondition: Precondition,
    ): Promise<Organization> {
      const tree = await directory.resolving([fields.parent ?? undefined, ...namedByRules(fields)], caller.scope);
      return work.run(caller, async (tx) => {
        await tx.organizations.lockTree();
        const before = (await tx.organizations.find(id)) ?? notFound();
        const faults = new Faults();
        const plan = { before, fields, isNew: false };
        const settled = await settleOrganization({ store: tx.organizations, tree, scope: caller.scope }, plan, faults);
        faults.throwIfAny();
        requireAbove(caller, before, settled);
        requireVersion(precondition, String(id), before.version);
        if (settled.parentId !== before.parentId) await requireNothingLost(tx, tree, settled);
        if (JSON.stringify(imageOfOrganization(before)) === JSON.stringify(imageOfOrganization(settled))) return before;
        const organization = { ...settled, version: before.version + 1, lastChangeMs: tx.nowMs };
        await tx.organizations.update(organization);
        for (const hook of deps.hooks) await hook.onSettingsChange?.(tx, { before, after: organization });
        recordChange(tx, operation, before, organization);
        return organization;
      });
    },

    /** Deletes an organization that holds nothing any more. Its audit trail stays. */
    async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
      await work.run(caller, async (tx) => {
        await tx.organizations.lockTree();
        const organization = (await tx.organizations.find(id)) ?? notFound();
        requireVersion(precondition, String(id), organization.version);
        await requireUnused(tx, organization);
        for (const hook of deps.hooks) await hook.onDelete?.(tx, organization);
        await tx.organizations.delete(organization);
        recordChange(tx, operation, organization, null);
      });
    },
  };

  /** What accounts inherit from organizations above must not be lost by a move. */
  async function requireNothingLost(tx: Transaction<Stores>, tree: OrganizationTree, moved: Organization): Promise<void> {
    const kept = new Set(moved.parentId === null ? [] : tree.lineOf(moved.parentId).map((node) => node.id));
    const leavesBehind = tree
      .lineOf(moved.id)
      .slice(1)
      .map((node) => node.id)
      .filter((id) => !kept.has(id));
    const organizationIds = [...tree.scopeOf(moved.id).organizationIds];
    const move = { tree, moved: tree.moving(moved.id, moved.parentId), organizationIds, leavesBehind, arrivesBelow: [...kept] };
    for (const { nouns, count } of deps.moveBlockers) {
      const total = await count(tx, move);
      if (total > 0) throw inUse(`The move would take from ${total} ${nouns[total === 1 ? 0 : 1]} what organizations above give.`);
    }
  }

  /**
   * A token's own organization is in use by that very token, so that this is a 409 like any other use and not a matter
   * of permission: a token of an organization above may delete it. The root organization always is in use.
   */
  async function requireUnused(tx: Transaction<Stores>, organization: Organization): Promise<void> {
    if (organization.parentId === null) throw inUse("The root organization cannot be deleted.");
    if (organization.id === tx.caller.scope.organizationId) throw inUse("The token that asks belongs to the organization.");
    const held: string[] = [];
    for (const { nouns, count } of deletionBlockers) {
      const total = await count(tx, organization);
      if (total > 0) held.push(`${total} ${nouns[total === 1 ? 0 : 1]}`);
    }
    if (held.length > 0) throw inUse(`The organization has ${new Intl.ListFormat("en").format(held)}.`);
  }
};

/** What login rules name, that the tree should know. */
const namedByRules = ({ loginRules = [] }: OrganizationFields) => loginRules.map(({ organization }) => organization);

/**
 * What of an organization belongs to those above it: whether it is in use, and its name among those beside it. The root
 * cannot be suspended, for nobody could lift that; one that was before this rule may be lifted.
 */
const requireAbove = (caller: Caller, before: Organization, after: Organization): void => {
  const isRoot = before.parentId === null;
  if (isRoot ? before.isActive && !after.isActive : before.isActive !== after.isActive && isOwn(caller, before)) {
    throw aboveOnly("suspend it or lift its suspension");
  }
  if (!isRoot && before.slug !== after.slug && isOwn(caller, before)) throw aboveOnly("change its slug, which names it beside others");
};

const isOwn = (caller: Caller, { id }: Organization): boolean => caller.scope.organizationId === id;

const aboveOnly = (what: string) =>
  new DomainError("organization.above_only", `Only a token of an organization above the organization may ${what}.`);

const inUse = (detail: string) => new DomainError("organization.in_use", detail);

const notFound = (): never => {
  throw new DomainError("organization.not_found", "There is no such organization.");
};

const recordChange = (tx: Transaction<unknown>, operation: string, before: Organization | null, after: Organization | null): void => {
  const organization = (after ?? before)!;
  tx.record({
    operation,
    resource: "organization",
    resourceId: organization.id,
    namespaceId: organization.namespaceId,
    organizationId: organization.id,
    before: before && imageOfOrganization(before),
    after: after && imageOfOrganization(after),
  });
};
