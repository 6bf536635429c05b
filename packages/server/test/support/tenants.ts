import assert from "node:assert/strict";
import type { Scope } from "@gatehouse-aaa/contract";
import type { Stores } from "../../src/composition/app.ts";
import type { Caller } from "../../src/kernel/caller.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { Transaction } from "../../src/kernel/unit-of-work.ts";
import { commandCaller } from "../../src/startup/first-start.ts";
import type { World } from "./world.ts";

/** An organization with what its tokens see: the view of one tenant. */
export interface Tenant {
  readonly id: number;
  readonly namespaceId: number;
  readonly scope: TenantScope;
  readonly caller: Caller;
  /** A full-rights token of the organization. */
  readonly token: string;
  /** The stores as this tenant reads them. */
  readonly stores: Stores;
  /** Runs one unit as this tenant. */
  write<T>(unit: (tx: Transaction<Stores>) => Promise<T>): Promise<T>;
}

/** Makes an organization below the root: a namespace of its own, or a sibling in the root's. Returns its id. */
export const addOrganization = async (
  world: World,
  slug: string,
  ownUsernames: boolean,
  fields: Record<string, unknown> = {},
): Promise<number> => {
  const made = await world.post("/organization/", { slug, name: `The ${slug}`, own_usernames: ownUsernames, ...fields });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
};

/** Makes a token of an organization with exactly these scopes. */
export const addToken = async (world: World, organization: number, scopes: readonly Scope[], name = "test"): Promise<string> => {
  const made = await world.post("/api_token/", { name, organization, scopes });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.token;
};

/** What a token of the organization sees. */
export const scopeOf = async (world: World, organizationId: number): Promise<TenantScope> =>
  (await world.app.services.organizations.directory.current()).scopeOf(organizationId);

/** Makes an organization, below the root one unless `parent` says otherwise, with a full-rights token. */
export const makeTenant = async (
  world: World,
  slug: string,
  { own_usernames = false, ...fields }: Record<string, unknown> = {},
): Promise<Tenant> => {
  const id = await addOrganization(world, slug, own_usernames === true, fields);
  const token = await addToken(world, id, ["admin", "radius:credentials"], slug);
  const scope = await scopeOf(world, id);
  const caller: Caller = { ...commandCaller("test"), scope };
  return {
    id,
    namespaceId: scope.namespaceId,
    scope,
    caller,
    token,
    stores: world.app.work.for(scope),
    write: (unit) => world.app.work.run(caller, unit),
  };
};

/** Three tenants: one, its neighbour in the same namespace, and one with usernames of its own. */
export const makeTenants = async (world: World) => ({
  mine: await makeTenant(world, "mine"),
  neighbour: await makeTenant(world, "neighbour"),
  foreign: await makeTenant(world, "foreign", { own_usernames: true }),
});

/** Grants addresses to an organization by the root's token. Returns the grant's id. */
export const grantAddresses = async (world: World, organization: number, network: string, fields: object = {}): Promise<number> => {
  const made = await world.post("/address_grant/", { organization, network, ...fields });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id;
};

/** The first page of a list, with an exact count. */
export const firstPage = { limit: 100, start: { offset: 0 }, exactCount: true } as const;
