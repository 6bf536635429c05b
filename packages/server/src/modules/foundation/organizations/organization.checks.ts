import type { Faults } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { type LoginRule, realmKey } from "./login-rule.ts";
import type { OrganizationStore } from "./organization.store.ts";
import type { Organization, OrganizationFields, WantedLoginRule } from "./organization.ts";
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
    faults.add("own_usernames", "The namespace of an organization is fixed when it is made.");
  }
  const ownUsernames = isNew ? (fields.ownUsernames ?? false) : before.ownUsernames;
  const newNamespaceId = ownUsernames ? before.id : (parent?.namespaceId ?? deps.scope.namespaceId);
  const organization: Organization = {
    ...before,
    namespaceId: isNew ? newNamespaceId : before.namespaceId,
    parentId: parent?.id ?? before.parentId,
    slug: fields.slug ?? before.slug,
    name: fields.name ?? before.name,
    description: fields.description === undefined ? before.description : fields.description,
    ownUsernames,
    reversibleSecrets: fields.reversibleSecrets ?? before.reversibleSecrets,
    minPasswordLength: fields.minPasswordLength === undefined ? before.minPasswordLength : fields.minPasswordLength,
    isActive: fields.isActive ?? before.isActive,
  };
  if (organization.parentId !== null && (organization.slug !== before.slug || organization.parentId !== before.parentId)) {
    const holder = await deps.store.slugHolder(organization.parentId, organization.slug);
    if (holder !== undefined && holder !== before.id) faults.add("slug", "This slug is taken.");
  }
  return fields.loginRules
    ? { ...organization, loginRules: settleLoginRules(deps, organization, fields.loginRules, faults) }
    : organization;
};

/** Every rule names one realm and an organization of the tree below the one that has the rules, itself among it. */
const settleLoginRules = (
  { tree }: RuleDependencies,
  organization: Organization,
  wanted: readonly WantedLoginRule[],
  faults: Faults,
): LoginRule[] => {
  const realms = new Set<string | null>();
  return wanted.map(({ realm, organization: reference, strip }, index) => {
    if (realms.has(realmKey(realm))) faults.add(`login_rules.${index}.realm`, "An earlier rule has this realm.");
    realms.add(realmKey(realm));
    // What GET showed can be sent back, even where the organization has moved away or is gone: such a rule lets nobody in.
    const kept = organization.loginRules.find((rule) => rule.realm === realm && String(rule.organizationId) === String(reference));
    const organizationId = kept?.organizationId ?? idWithin(tree, organization, reference, faults, `login_rules.${index}.organization`);
    return { realm, organizationId, strip };
  });
};

const idWithin = (
  tree: OrganizationTree,
  { id, slug }: Organization,
  reference: number | string,
  faults: Faults,
  field: string,
): number => {
  if (reference === slug || String(reference) === String(id)) return id;
  const known = tree.find(id);
  // One that is being made has nobody below it.
  if (!known) faults.add(field, "No such organization.");
  return (known && readOrganizationReference(tree, tree.scopeOf(id), reference, faults, field)?.id) ?? 0;
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
  } else if (!isNew && parent.namespaceId !== deps.tree.get(before.parentId!).namespaceId) {
    faults.add("parent", "An organization cannot move to another namespace.");
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
