import type { Faults } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { OrganizationStore } from "./organization.store.ts";
import type { Organization, OrganizationFields } from "./organization.ts";
import { readOrganizationReference } from "./organization-reference.ts";
import type { OrganizationTree } from "./organization-tree.ts";

interface RuleDependencies {
  /** The store of the unit, with the tree locked: what it reads stays true until the unit ends. */
  readonly store: OrganizationStore;
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
}

/** The wanted fields beside the organization that they change, or beside a blank one. */
export interface OrganizationPlan {
  readonly before: Organization;
  readonly fields: OrganizationFields;
  readonly isNew: boolean;
}

/** Applies a plan and checks everything that other rows decide. The result is complete only when there are no faults. */
export const settleOrganization = async (deps: RuleDependencies, plan: OrganizationPlan, faults: Faults): Promise<Organization> => {
  const { before, fields, isNew } = plan;
  const parent = await findNewParent(deps, plan, faults);
  if (!isNew && fields.ownUsernames !== undefined && fields.ownUsernames !== before.ownUsernames) {
    faults.add("own_usernames", "The name space of an organization is fixed when it is made.");
  }
  const ownUsernames = isNew ? (fields.ownUsernames ?? false) : before.ownUsernames;
  const newNameSpaceId = ownUsernames ? before.id : (parent?.nameSpaceId ?? deps.scope.nameSpaceId);
  const organization: Organization = {
    ...before,
    nameSpaceId: isNew ? newNameSpaceId : before.nameSpaceId,
    parentId: parent?.id ?? before.parentId,
    slug: fields.slug ?? before.slug,
    name: fields.name ?? before.name,
    description: fields.description === undefined ? before.description : fields.description,
    ownUsernames,
    reversibleSecrets: fields.reversibleSecrets ?? before.reversibleSecrets,
    isActive: fields.isActive ?? before.isActive,
  };
  if (organization.slug !== before.slug) {
    // An organization that opens a name space is named in its own and in the one above it.
    const above = parent?.nameSpaceId ?? (before.parentId === null ? organization.nameSpaceId : deps.tree.get(before.parentId).nameSpaceId);
    for (const nameSpaceId of new Set([organization.nameSpaceId, above])) {
      const holder = await deps.store.slugHolder(nameSpaceId, organization.slug);
      if (holder !== undefined && holder !== before.id) faults.add("slug", "This slug is taken.");
    }
  }
  return organization;
};

/** The organization that is to stand above; undefined when that stays as it is, or is faulty. */
const findNewParent = async (deps: RuleDependencies, plan: OrganizationPlan, faults: Faults): Promise<Organization | undefined> => {
  const { before, fields, isNew } = plan;
  const reference = isNew && fields.parent === undefined ? deps.scope.organizationId : fields.parent;
  if (reference === undefined) return undefined;
  // What GET showed can be sent back, even where the organization above is out of sight.
  if (!isNew && (reference === before.parentId || reference === String(before.parentId ?? ""))) return undefined;
  if (reference === null) {
    faults.add("parent", "Every organization but the root one stands below another.");
    return undefined;
  }
  const node = readOrganizationReference(deps.tree, deps.scope, reference, faults, "parent");
  if (!node || (!isNew && node.id === before.parentId)) return undefined;
  const parent = await deps.store.find(node.id);
  if (!parent) faults.add("parent", "No such organization.");
  else if (!isNew && (await isAtOrBelow(deps.store, parent, before.id))) {
    faults.add("parent", "An organization cannot stand below itself.");
  } else if (!isNew && parent.nameSpaceId !== deps.tree.get(before.parentId!).nameSpaceId) {
    faults.add("parent", "An organization cannot move to another name space.");
  } else return parent;
  return undefined;
};

/** Walks up from an organization as far as the scope sees; the organization that is moved is in sight itself. */
const isAtOrBelow = async (store: OrganizationStore, from: Organization, id: number): Promise<boolean> => {
  for (let node: Organization | undefined = from; node; node = node.parentId === null ? undefined : await store.find(node.parentId)) {
    if (node.id === id) return true;
  }
  return false;
};
