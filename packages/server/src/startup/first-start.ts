import type { App } from "../composition/app.ts";
import type { Caller } from "../kernel/caller.ts";
import { generateToken, hashToken, imageOfToken } from "../modules/foundation/api-tokens/index.ts";
import { blankOrganization, imageOfOrganization, type Organization } from "../modules/foundation/organizations/index.ts";
import { raiseIds } from "../storage/ids.ts";

/** The organization above all others; its id is that of the documents' first organization. */
export const rootOrganizationId = 1;

/** Who acts when a command does: it sees everything and may do everything, for it stands at the machine itself. */
export const commandCaller = (command: string): Caller => ({
  actor: { kind: "command", id: null, name: command },
  scopes: new Set(["admin"] as const),
  scope: {
    organizationId: rootOrganizationId,
    namespaceId: rootOrganizationId,
    namespaceIds: [rootOrganizationId],
    organizationIds: new Set([rootOrganizationId]),
    covers: "everything",
  },
  expiresAtMs: null,
  requestId: `command-${command}`,
  address: null,
});

/** The names that one process takes in the life of a database, so that nodes which start together do a thing once. */
const rootClaim = "root_organization";
const tokenClaim = "first_token";

/** Makes the root organization where there is none; true when this call did. */
export const ensureRootOrganization = async (app: App): Promise<boolean> => {
  const made = await app.work.run(commandCaller("serve"), async (tx) => {
    if (!(await tx.installation.claim(rootClaim, String(rootOrganizationId)))) return false;
    const root: Organization = {
      ...blankOrganization(rootOrganizationId, tx.nowMs),
      namespaceId: rootOrganizationId,
      slug: "root",
      name: "Root organization",
      ownUsernames: true,
      version: 1,
    };
    await tx.organizations.insert(root);
    tx.record({
      operation: "serve",
      resource: "organization",
      resourceId: root.id,
      namespaceId: root.namespaceId,
      organizationId: root.id,
      before: null,
      after: imageOfOrganization(root),
    });
    return true;
  });
  if (made) await app.database.write((handle) => raiseIds(handle, "organization", rootOrganizationId));
  return made;
};

/** Where a first token lies, sealed, from its making until somebody has been shown it. */
const unshownToken = "first_token_unshown";

/**
 * Makes the first full-rights token where there never was one, and returns it. One that was generated is kept, sealed, until
 * `takeFirstToken` gives it away: a start that ends before its banner must not lose the only way in.
 */
export const ensureFirstToken = async (app: App, bootstrapToken: string | undefined): Promise<string | undefined> => {
  const token = bootstrapToken ?? generateToken();
  const id = await app.ids.take("api_token");
  const made = await app.work.run(commandCaller("serve"), async (tx) => {
    if ((await tx.apiTokens.hasAny()) || !(await tx.installation.claim(tokenClaim, String(id)))) return false;
    const first = {
      id,
      namespaceId: rootOrganizationId,
      organizationId: rootOrganizationId,
      name: "First token",
      scopes: ["admin"] as const,
      expiresAtMs: null,
      tokenHash: hashToken(token),
      nowMs: tx.nowMs,
    };
    await tx.apiTokens.insert(first);
    if (bootstrapToken === undefined) await tx.installation.keep(unshownToken, app.secretBox.seal(token, `installation/${unshownToken}`));
    tx.record({
      operation: "serve",
      resource: "api_token",
      resourceId: id,
      namespaceId: rootOrganizationId,
      organizationId: rootOrganizationId,
      before: null,
      after: imageOfToken(first),
    });
    return true;
  });
  return made ? token : undefined;
};

/** Whether there ever was a token, so that no first one is made any more. */
export const hadFirstToken = async (app: App): Promise<boolean> => {
  const { apiTokens, installation } = app.work.acrossTenants("the first token belongs to the installation");
  return (await apiTokens.hasAny()) || (await installation.find(tokenClaim)) !== undefined;
};

/** Whether a first token waits to be shown. */
export const hasUnshownToken = async (app: App): Promise<boolean> =>
  (await app.work.acrossTenants("a first token belongs to the installation").installation.find(unshownToken)) !== undefined;

/** The first token where nobody has been shown it yet, this once; undefined where it was, or works no more. */
export const takeFirstToken = async (app: App): Promise<string | undefined> => {
  if (!(await hasUnshownToken(app))) return undefined;
  const sealed = await app.work.run(commandCaller("serve"), (tx) => tx.installation.take(unshownToken));
  if (sealed === undefined) return undefined;
  const token = app.secretBox.open(sealed, `installation/${unshownToken}`);
  return (await isWorking(app, token)) ? token : undefined;
};

/** Whether a token is one that works. */
export const isWorking = async (app: App, token: string): Promise<boolean> =>
  (await app.work.acrossTenants("a token names its organization itself").apiTokens.findByHash(hashToken(token))) !== undefined;
