import type { Scope } from "@gatehouse/contract";
import { commandCaller } from "../../src/first-start.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import { hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { imageOfOrganization, type Organization } from "../../src/modules/foundation/organizations/index.ts";
import type { World } from "./world.ts";

const caller = commandCaller("test");

/** Makes an organization below the root: a name space of its own, or a sibling in the root's. */
export const addOrganization = async (world: World, slug: string, ownUsernames: boolean): Promise<number> => {
  const id = await world.app.ids.take("organization");
  await world.app.work.run(caller, async (tx) => {
    const organization: Organization = {
      id,
      nameSpaceId: ownUsernames ? id : 1,
      parentId: 1,
      slug,
      name: slug,
      description: null,
      ownUsernames,
      isActive: true,
      createdAtMs: tx.nowMs,
      lastChangeMs: tx.nowMs,
      version: 1,
    };
    await tx.organizations.insert(organization);
    const after = imageOfOrganization(organization);
    tx.record({
      operation: "test",
      resource: "organization",
      resourceId: id,
      nameSpaceId: organization.nameSpaceId,
      organizationId: id,
      before: null,
      after,
    });
  });
  return id;
};

let tokens = 0;

/** Makes a token of an organization with exactly these scopes. */
export const addToken = async (world: World, organizationId: number, scopes: readonly Scope[]): Promise<string> => {
  tokens += 1;
  const token = `test-token-${tokens}-of-organization-${organizationId}-0123456789`;
  const id = await world.app.ids.take("api_token");
  const { nameSpaceId } = (await world.app.directory.current()).get(organizationId);
  await world.app.work.run(caller, (tx) =>
    tx.apiTokens.insert({
      id,
      nameSpaceId,
      organizationId,
      name: `Test ${tokens}`,
      scopes,
      expiresAtMs: null,
      tokenHash: hashToken(token),
      nowMs: tx.nowMs,
    }),
  );
  return token;
};

/** What a token of the organization sees. */
export const scopeOf = async (world: World, organizationId: number): Promise<TenantScope> =>
  (await world.app.directory.current()).scopeOf(organizationId);
