import assert from "node:assert/strict";
import type { Stores } from "../../src/app.ts";
import { commandCaller } from "../../src/first-start.ts";
import type { Caller } from "../../src/kernel/caller.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { Transaction } from "../../src/kernel/unit-of-work.ts";
import type { World } from "./world.ts";

/** An organization with what its tokens see: the view of one tenant. */
export interface Tenant {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly scope: TenantScope;
  readonly caller: Caller;
  /** A full-rights token of the organization. */
  readonly token: string;
  /** The stores as this tenant reads them. */
  readonly stores: Stores;
  /** Runs one unit as this tenant. */
  write<T>(unit: (tx: Transaction<Stores>) => Promise<T>): Promise<T>;
}

/** Makes an organization, below the root one unless `parent` says otherwise, with a full-rights token. */
export const makeTenant = async (world: World, slug: string, fields: Record<string, unknown> = {}): Promise<Tenant> => {
  const organization = await world.post("/organization/", { slug, name: `The ${slug}`, ...fields });
  assert.equal(organization.status, 201, JSON.stringify(organization.body));
  const { id } = organization.body;
  const made = await world.post("/api_token/", { name: slug, organization: id, scopes: ["admin"] });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const tree = await world.app.directory.current();
  const scope = tree.scopeOf(id);
  const caller: Caller = { ...commandCaller("test"), scope };
  return {
    id,
    nameSpaceId: scope.nameSpaceId,
    scope,
    caller,
    token: made.body.token,
    stores: world.app.work.for(scope),
    write: (unit) => world.app.work.run(caller, unit),
  };
};

/** Three tenants: one, its neighbour in the same name space, and one with usernames of its own. */
export const makeTenants = async (world: World) => ({
  mine: await makeTenant(world, "mine"),
  neighbour: await makeTenant(world, "neighbour"),
  foreign: await makeTenant(world, "foreign", { own_usernames: true }),
});

/** The first page of a list, with an exact count. */
export const firstPage = { limit: 100, start: { offset: 0 }, exactCount: true } as const;
