import type { Scope } from "@gatehouse-aaa/contract";
import { generateToken, hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { blankOrganization, imageOfOrganization, type Organization } from "../../src/modules/foundation/organizations/index.ts";
import { commandCaller, rootOrganizationId } from "../../src/startup/first-start.ts";
import type { World } from "./world.ts";

const caller = commandCaller("test");

export interface TokenWishes {
  readonly organizationId?: number;
  readonly namespaceId?: number;
  readonly scopes?: readonly Scope[];
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
}

/** Makes a token past the API, so that it can have what the API would refuse: an expiry that is over, a revocation. */
export const giveToken = async (world: World, wishes: TokenWishes = {}): Promise<string> => {
  const token = generateToken();
  const id = await world.app.ids.take("api_token");
  await world.app.work.run(caller, async (tx) => {
    await tx.apiTokens.insert({
      id,
      namespaceId: wishes.namespaceId ?? rootOrganizationId,
      organizationId: wishes.organizationId ?? rootOrganizationId,
      name: `Test token ${id}`,
      scopes: wishes.scopes ?? ["admin"],
      expiresAtMs: wishes.expiresAtMs ?? null,
      tokenHash: hashToken(token),
      nowMs: tx.nowMs,
    });
    if (wishes.revokedAtMs === undefined) return;
    const made = await tx.apiTokens.find(id);
    await tx.apiTokens.update(made!, { revokedAtMs: wishes.revokedAtMs }, tx.nowMs);
  });
  return token;
};

/** Adds an organization; with `ownUsernames` it is a namespace of its own. */
export const plantOrganization = async (
  world: World,
  { slug, parentId = rootOrganizationId, ownUsernames = false }: { slug: string; parentId?: number; ownUsernames?: boolean },
): Promise<Organization> => {
  const id = await world.app.ids.take("organization");
  const tree = await world.app.services.organizations.directory.current();
  return world.app.work.run(caller, async (tx) => {
    const organization: Organization = {
      ...blankOrganization(id, tx.nowMs),
      namespaceId: ownUsernames ? id : tree.get(parentId).namespaceId,
      parentId,
      slug,
      name: slug,
      ownUsernames,
      version: 1,
    };
    await tx.organizations.insert(organization);
    tx.record({
      operation: "test",
      resource: "organization",
      resourceId: id,
      namespaceId: organization.namespaceId,
      organizationId: id,
      before: null,
      after: imageOfOrganization(organization),
    });
    return organization;
  });
};

/** An organization with usernames of its own below the root, and a full-rights token of it: the other tenant of every test. */
export const addTenant = async (world: World, slug: string): Promise<{ organization: Organization; token: string }> => {
  const organization = await plantOrganization(world, { slug, ownUsernames: true });
  const token = await giveToken(world, { organizationId: organization.id, namespaceId: organization.namespaceId });
  return { organization, token };
};
