import { parseInstant } from "@gatehouse-aaa/contract";
import type { App } from "../composition/app.ts";
import { dictionarySecrets } from "../composition/attribute-dictionary.ts";
import type { Image } from "../kernel/change.ts";
import { type AaaProfile, imageOfProfile } from "../modules/accounts/aaa-profiles/index.ts";
import { imageOf, type User } from "../modules/accounts/users/index.ts";
import { blankOrganization, imageOfOrganization, type Organization } from "../modules/foundation/organizations/index.ts";
import { commandCaller, rootOrganizationId } from "../startup/first-start.ts";
import { raiseIds } from "../storage/ids.ts";
import { type DemoUser, demoOrganizations, demoProfiles, demoUsers } from "./demo-world.ts";

const operation = "demo";
const openEnded = { limit: 1, start: { offset: 0 }, exactCount: true } as const;

/** Whether nothing was added to the database since its first start. */
export const isUntouched = async (app: App): Promise<boolean> => {
  const stores = app.work.acrossTenants("the demo world is loaded into an empty database only");
  const users = await stores.users.list({}, openEnded);
  const tree = await app.services.organizations.directory.current();
  return users.count === 0 && tree.size <= 1;
};

const demoAsking = { share: ["demo", "", ""] } as const;

/** Loads the world of the documents' examples, ids included. The root organization becomes Acme Corporation. */
export const loadDemoWorld = async (app: App): Promise<void> => {
  const hashes = new Map(
    await Promise.all(
      demoUsers.map(async ({ id, password }) => [id, await app.services.passwords.hasher.toStored(password, "auto", demoAsking)] as const),
    ),
  );
  const profileIds = await app.ids.takeMany("aaa_profile", demoProfiles.length);
  await app.work.run(commandCaller(operation), async (tx) => {
    const organizations = demoOrganizations.map(
      (one): Organization => ({
        ...blankOrganization(one.id, tx.nowMs),
        ...one,
        namespaceId: rootOrganizationId,
        parentId: one.parent,
        ownUsernames: one.parent === null,
        version: 1,
      }),
    );
    const place = (organizationId: number) => ({ namespaceId: rootOrganizationId, organizationId });
    const note = (resource: string, resourceId: number, after: Image, before: Image | null = null) =>
      tx.record({ operation, resource, resourceId, ...place(after.organization), before, after });
    const root = await tx.organizations.find(rootOrganizationId);
    // Of two starts at once the second finds the world made.
    const isMade = await tx.organizations.find(organizations.find(({ id }) => id !== rootOrganizationId)!.id);
    if (isMade) return;
    for (const organization of organizations) {
      const isRoot = root !== undefined && organization.id === root.id;
      if (isRoot) await tx.organizations.update({ ...organization, version: root.version + 1 });
      else await tx.organizations.insert(organization);
      note("organization", organization.id, imageOfOrganization(organization), isRoot ? imageOfOrganization(root) : null);
    }
    const profiles = demoProfiles.map(
      (one, index): AaaProfile => ({
        id: profileIds[index]!,
        ...place(one.organization),
        shortName: one.short_name,
        name: one.name,
        description: null,
        check: one.check,
        reply: one.reply,
        createdAtMs: tx.nowMs,
        lastChangeMs: tx.nowMs,
        version: 1,
      }),
    );
    for (const profile of profiles) {
      await tx.aaaProfiles.insert(profile);
      note("aaa_profile", profile.id, imageOfProfile(profile, dictionarySecrets));
    }
    const users = demoUsers.map((one) => toUser(one, hashes.get(one.id)!, tx.nowMs));
    await tx.users.insert(
      users.map((user) => ({ user, profiles: user.profileNames.map((name) => profiles.find((profile) => profile.shortName === name)!) })),
    );
    for (const user of users) note("user", user.id, imageOf(user));
    await tx.timeLedger.append(
      users
        .filter((user) => user.seconds !== null)
        .map((user) => ({
          ...place(user.organizationId),
          userId: user.id,
          delta: user.seconds!,
          balanceAfter: user.seconds,
          reason: "opening credit",
          actor: "command:demo",
          createdAtMs: tx.nowMs,
        })),
    );
  });
  await app.database.write(async (handle) => {
    await raiseIds(handle, "organization", Math.max(...demoOrganizations.map((one) => one.id)));
    await raiseIds(handle, "user", Math.max(...demoUsers.map((one) => one.id)));
  });
};

const toUser = (one: DemoUser, passwordHash: string, nowMs: number): User => ({
  id: one.id,
  namespaceId: rootOrganizationId,
  organizationId: one.organization,
  username: one.username,
  passwordHash,
  email: one.email ?? null,
  firstName: one.first_name ?? null,
  lastName: one.last_name ?? null,
  externalId: one.external_id ?? null,
  klass: one.klass ?? null,
  description: one.description ?? null,
  avatarUrl: null,
  isActive: one.is_active,
  groups: one.groups ?? [],
  aaaProfile: one.aaa_profile ?? {},
  profileNames: one.profile ?? [],
  expirationMs: one.expiration ? parseInstant(one.expiration)! : null,
  dateJoinedMs: one.date_joined ? parseInstant(one.date_joined)! : nowMs,
  firstLoginMs: null,
  lastLoginMs: one.last_login ? parseInstant(one.last_login)! : null,
  lastChangeMs: nowMs,
  version: 1,
  seconds: one.user_time ?? null,
});
