import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import { blankUser } from "../../src/modules/accounts/users/account-draft.ts";
import type { User } from "../../src/modules/accounts/users/index.ts";
import { commandCaller, rootOrganizationId } from "../../src/startup/first-start.ts";
import { plantOrganization } from "./planted-tenants.ts";
import type { World } from "./world.ts";

/** Scopes around one record: those that see it and those that must not, each with a reason. */
export interface Walls {
  /** Sees everything. */
  readonly root: TenantScope;
  /** The organization that the records of the test belong to. */
  readonly own: TenantScope;
  /** What must see nothing: another namespace with the same usernames, and a sibling inside the same namespace. */
  readonly strangers: readonly (readonly [reason: string, scope: TenantScope])[];
}

/** Makes two sibling organizations and a tenant with usernames of its own. */
export const raiseWalls = async (world: World): Promise<Walls> => {
  const own = await plantOrganization(world, { slug: "own" });
  const sibling = await plantOrganization(world, { slug: "sibling" });
  const tenant = await plantOrganization(world, { slug: "tenant", ownUsernames: true });
  const tree = await world.app.services.organizations.directory.current();
  return {
    root: tree.scopeOf(rootOrganizationId),
    own: tree.scopeOf(own.id),
    strangers: [
      ["another namespace", tree.scopeOf(tenant.id)],
      ["a sibling organization", tree.scopeOf(sibling.id)],
    ],
  };
};

/** Runs one unit as a caller of this scope would. */
export const inUnit = <T>(world: World, scope: TenantScope, unit: Parameters<typeof world.app.work.run<T>>[1]): Promise<T> =>
  world.app.work.run({ ...commandCaller("test"), scope }, unit);

/** An account of a scope's organization that is not stored yet. */
export const newUser = async (world: World, scope: TenantScope, fields: Partial<User> & { username: string }): Promise<User> => ({
  ...blankUser(await world.app.ids.take("user"), 1_700_000_000_000),
  namespaceId: scope.namespaceId,
  organizationId: scope.organizationId,
  version: 1,
  ...fields,
});
