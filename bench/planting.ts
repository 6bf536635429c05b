import { pino } from "pino";
import type { App } from "../packages/server/src/composition/app.ts";
import { declarationsOf } from "../packages/server/src/composition/declarations.ts";
import { allModules } from "../packages/server/src/composition/modules.ts";
import { readConfig } from "../packages/server/src/config/settings.ts";
import type { Change } from "../packages/server/src/kernel/change.ts";
import { deviceStore } from "../packages/server/src/modules/accounts/devices/device.store.ts";
import { deviceMoveStore } from "../packages/server/src/modules/accounts/devices/device-move.store.ts";
import type { Device } from "../packages/server/src/modules/accounts/devices/index.ts";
import { userExtraStore } from "../packages/server/src/modules/accounts/user-extras/user-extra.store.ts";
import { noParticulars } from "../packages/server/src/modules/accounts/user-extras/user-extra.ts";
import { blankUser } from "../packages/server/src/modules/accounts/users/account-draft.ts";
import type { User } from "../packages/server/src/modules/accounts/users/index.ts";
import { userStore } from "../packages/server/src/modules/accounts/users/user.store.ts";
import { keptCountStore } from "../packages/server/src/modules/foundation/kept-counts/kept-count.store.ts";
import { addToCounts } from "../packages/server/src/modules/foundation/kept-counts/kept-counts.handler.ts";
import { blankOrganization, imageOfOrganization } from "../packages/server/src/modules/foundation/organizations/index.ts";
import { commandCaller, ensureFirstToken, ensureRootOrganization } from "../packages/server/src/startup/first-start.ts";
import { openInstallation } from "../packages/server/src/startup/installation.ts";
import type { Handle } from "../packages/server/src/storage/database.ts";
import { raiseIds } from "../packages/server/src/storage/ids.ts";
import { write } from "../packages/server/src/storage/verbs.ts";
import { countUsers, organizations, type PlannedUser, plannedOrganization, plannedUser } from "./data-set.ts";

const { counting } = declarationsOf(allModules);
const usersPerUnit = 2_000;
/** While one unit waits for the database the other one is made; a database with one writer takes them in turn. */
const unitsAtOnce = 2;
const caller = commandCaller("bench");

export interface Planting {
  readonly environment: Readonly<Record<string, string>>;
  readonly token: string;
  readonly users: number;
  /** Told after each unit how many users stand. */
  onProgress(users: number): void;
}

/**
 * Makes the data set in an empty database: past the API and many rows at a time, yet by the stores and handlers that
 * the API uses, so that keys, search, counts and ids are as it would have left them. Only the trail is left out: the
 * audit rows and events of accounts that were made long ago are gone from a real installation, too.
 */
export const plantDataSet = async ({ environment, token, users, onProgress }: Planting): Promise<void> => {
  const app = await openInstallation(readConfig(environment), pino({ level: "error" }));
  try {
    await ensureRootOrganization(app);
    await plantOrganizations(app);
    let next = 0;
    let planted = 0;
    const plantOn = async (): Promise<void> => {
      while (next < users) {
        const first = next;
        next = Math.min(first + usersPerUnit, users);
        const planned = Array.from({ length: next - first }, (_, index) => plannedUser(first + index));
        await plantUsers(
          app,
          planned,
          countUsers(first, (user) => user.hasDevice),
        );
        planted += planned.length;
        onProgress(planted);
      }
    };
    await Promise.all(Array.from({ length: unitsAtOnce }, plantOn));
    const devices = countUsers(users, (user) => user.hasDevice);
    await app.database.write(async (handle) => {
      await raiseIds(handle, "organization", plannedOrganization(organizations - 1).id);
      await raiseIds(handle, "user", users);
      await raiseIds(handle, "user_extra", users);
      await raiseIds(handle, "device", devices);
      await raiseIds(handle, "device_move", devices);
    });
    await ensureFirstToken(app, token);
  } finally {
    await app.close();
  }
};

const plantOrganizations = (app: App): Promise<void> =>
  app.work.run(caller, async (tx) => {
    for (let place = 0; place < organizations; place += 1) {
      const plan = plannedOrganization(place);
      const organization = {
        ...blankOrganization(plan.id, tx.nowMs),
        ...plan,
        name: `Organization ${place}`,
        version: 1,
      };
      await tx.organizations.insert(organization);
      const after = imageOfOrganization(organization);
      tx.record({ ...changeOf("organization", organization.id, organization.namespaceId, organization.id), after });
    }
  });

/** Plants accounts with all that belongs to them in one unit; devices are numbered through over all units. */
const plantUsers = (app: App, planned: readonly PlannedUser[], devicesBefore: number): Promise<void> =>
  app.database.write(async (handle) => {
    const { capabilities } = app.database;
    const users = planned.map(toUser);
    await userStore({ capabilities })(handle, null).insert(users.map((user) => ({ user, profiles: [] })));
    await plantBalances(handle, users, await capabilities.nextNumbers(handle, "time_ledger_id", users.length));
    const extras = userExtraStore({ capabilities, secretBox: app.secretBox })(handle, null);
    await extras.insert(planned.map(toExtra));
    const devices = planned.filter((user) => user.hasDevice).map((user, index) => toDevice(user, devicesBefore + index + 1));
    await deviceStore({ capabilities })(handle, null).insertNew(devices);
    await deviceMoveStore()(handle, null).open(devices.map(toMove));
    const changes = [...planned.flatMap((user) => [countedAs("user", user), countedAs("user_extra", user)]), ...devices.map(deviceCounted)];
    // Accounts are planted where they stay: nothing moves with them.
    await addToCounts(() => ({ keptCounts: keptCountStore({ capabilities })(handle, null) }), changes, { ...counting, moved: [] });
  });

const plantBalances = async (handle: Handle, users: readonly User[], ledgerIds: readonly number[]): Promise<void> => {
  const place = (user: User) => ({ name_space_id: user.namespaceId, user_id: user.id });
  await write(handle, { insertInto: "time_balance", rows: users.map((user) => ({ ...place(user), seconds: user.seconds! })) });
  await write(handle, {
    insertInto: "time_ledger",
    rows: users.map((user, index) => ({
      ...place(user),
      id: ledgerIds[index]!,
      organization_id: user.organizationId,
      pseudonym: null,
      delta: user.seconds!,
      balance_after: user.seconds,
      reason: "opening credit",
      actor: "command:bench",
      created_at: user.dateJoinedMs,
    })),
  });
};

const changeOf = (resource: string, resourceId: number, namespaceId: number, organizationId: number): Change => ({
  operation: "bench",
  resource,
  resourceId,
  namespaceId,
  organizationId,
  before: null,
  after: { organization: organizationId },
});

const countedAs = (resource: "user" | "user_extra", { id, organization, isActive }: PlannedUser): Change => ({
  ...changeOf(resource, id, organization.namespaceId, organization.id),
  after: { organization: organization.id, is_active: isActive },
});

const deviceCounted = (device: Device): Change => changeOf("device", device.id, device.namespaceId, device.organizationId);

const placeOf = ({ organization }: PlannedUser) => ({ namespaceId: organization.namespaceId, organizationId: organization.id });

const toUser = (planned: PlannedUser): User => ({
  ...blankUser(planned.id, planned.joinedAtMs),
  ...placeOf(planned),
  username: planned.username,
  email: planned.email,
  firstName: planned.firstName,
  lastName: planned.lastName,
  isActive: planned.isActive,
  aaaProfile: planned.role === null ? {} : { role: planned.role, department: "Operations" },
  seconds: planned.seconds,
  version: 1,
});

const toExtra = (planned: PlannedUser) => ({
  id: planned.id,
  ...placeOf(planned),
  parentId: planned.id,
  particulars: {
    ...noParticulars,
    telephone: `+351-555-${String(planned.id % 10_000).padStart(4, "0")}`,
    city: planned.city,
    country_id: "PT",
    locale: "pt_PT",
    company: "Example Networks",
    accept_terms: true,
    tax_id: planned.id % 4 === 0 ? `PT${planned.id}` : null,
    preferences: { language: "pt", newsletter: planned.id % 3 === 0 },
    custom_fields: { floor: planned.id % 7 },
  },
  createdAtMs: planned.joinedAtMs,
  updatedAtMs: planned.joinedAtMs,
  version: 1,
});

const toDevice = (planned: PlannedUser, id: number): Device => ({
  id,
  ...placeOf(planned),
  userId: planned.id,
  kind: "inventory",
  identifier: `DEV-${planned.id}`,
  deviceType: "laptop",
  serialNumber: `SN${planned.id}`,
  model: "Example Book",
  assignedDateMs: planned.joinedAtMs,
  status: "active",
  createdAtMs: planned.joinedAtMs,
  lastChangeMs: planned.joinedAtMs,
  version: 1,
});

const toMove = (device: Device) => ({
  id: device.id,
  namespaceId: device.namespaceId,
  organizationId: device.organizationId,
  deviceId: device.id,
  userId: device.userId,
  pseudonym: null,
  assignedAtMs: device.createdAtMs,
  unassignedAtMs: null,
  operation: "bench",
  actor: "command:bench",
});
