import type { Caller } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import {
  type Device,
  type DeviceStores,
  type HoldRequest,
  holdExactly,
  type IdentifierKind,
  identifierKinds,
  takeDeviceIds,
} from "../devices/index.ts";
import { mergePreferences, type UserExtraStores } from "../user-extras/index.ts";
import type { AccountFields, User, UserService, UserStores } from "../users/index.ts";
import { type FindNamed, type FoundBy, identify, nobody } from "./device-app.identify.ts";
import { type AppUpdate, asUnprocessable, checkAppUpdate } from "./device-app.rules.ts";
import { nothingToUpdate } from "./device-app.view.ts";

export type DeviceAppStores = UserStores & DeviceStores & UserExtraStores;

export interface DeviceAppServiceDependencies<Stores extends DeviceAppStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"user_extra" | "device" | "device_move">;
  readonly directory: OrganizationDirectory;
  readonly users: UserService;
  readonly findNamed: FindNamed;
}

export interface AppUpdateResult {
  readonly user: User;
  /** The user's device identifiers as they now stand. */
  readonly devices: readonly Device[];
  readonly updatedFields: readonly string[];
  readonly updatedAtMs: number;
}

export type DeviceAppService = ReturnType<typeof createDeviceAppService>;

/** The call by which an app reports changes of its user and device: all of them happen in one unit, or none. */
export const createDeviceAppService = <Stores extends DeviceAppStores>(deps: DeviceAppServiceDependencies<Stores>) => ({
  async update(caller: Caller, operation: string, update: AppUpdate): Promise<AppUpdateResult> {
    checkAppUpdate(update);
    // The username is checked as if it renamed: whether it does is known when the user is found.
    const prepared = await asUnprocessable(() => deps.users.within.prepare(caller, accountFields(update)));
    const deviceIds = await takeDeviceIds(deps.ids, Object.keys(update.identifiers).length);
    const freeExtraId = update.preferences ? await deps.ids.take("user_extra") : 0;
    const tree = await deps.directory.current();
    const findsByName = update.username !== undefined && update.userId === undefined;
    const named = findsByName ? await deps.findNamed(caller.scope, update.username!) : undefined;

    return deps.work.run(caller, async (tx) => {
      const { userId, foundBy } = await identify(tx, update, named);
      if (update.onlyKeyIn) throw nothingToUpdate(update.onlyKeyIn);
      const lockedAccounts = await lockWithLosers(tx, userId, update);
      const before = await tx.users.lock(userId);
      if (!before) throw nobody();
      // Looked up again under the lock: the name or device may have passed to another user while the lock was awaited.
      if ((await identify(tx, update, named)).userId !== userId) throw nobody();
      const draft = { ...prepared, fields: { ...prepared.fields, username: foundBy === "username" ? undefined : update.username } };
      const change = await asUnprocessable(() => deps.users.within.apply(tx, tree, before, draft));
      refuseConflicts(update, before, foundBy);

      const changed = await deps.users.within.update(tx, operation, change);
      const devices = await holdIdentifiers(tx, { operation, lockedAccounts, ids: deviceIds }, changed, update);
      const { preferences } = update;
      const merges =
        preferences !== undefined &&
        (await asUnprocessable(() => mergePreferences(tx, { operation, parent: changed, preferences, freeId: freeExtraId })));
      const isElsewhere = (devices || merges) && changed.version === before.version;
      const user = isElsewhere ? await countChange(tx, changed) : changed;
      return {
        user,
        devices: await tx.devices.listHeldBy([user], identifierKinds),
        updatedFields: update.sentFields.filter((field) => field !== foundBy),
        updatedAtMs: user.version === before.version ? user.lastChangeMs : tx.nowMs,
      };
    });
  },
});

const accountFields = (update: AppUpdate): AccountFields => ({
  username: update.username,
  password: update.password,
  // A person typed it: it is a password in clear, whatever it looks like.
  passwordScheme: update.password === undefined ? undefined : "clear",
  externalId: update.externalId,
  klass: update.klass,
  firstName: update.profile.first_name,
  lastName: update.profile.last_name,
  email: update.profile.email === "" ? null : update.profile.email,
});

const refuseConflicts = (update: AppUpdate, user: User, foundBy: FoundBy): void => {
  // Numbers are recycled, so a device may name the wrong user. A mistake must not change these two fields.
  if (foundBy === "device" && (update.username !== undefined || update.password !== undefined)) {
    throw new DomainError(
      "user.not_identified",
      "username and password change only on a user who is found by user_id, username or user_external_id: numbers and SIMs are recycled.",
    );
  }
  if (update.version !== undefined && update.version !== user.version) {
    throw new DomainError("user.stale_version", `The user is at version ${user.version}, not ${update.version}. Read it again.`);
  }
};

/**
 * Locks the user together with all users who lose an identifier to that user, in the order of their ids and before the devices. Returns
 * the ids of all accounts that are locked, or about to be.
 */
const lockWithLosers = async (tx: Transaction<DeviceAppStores>, userId: number, { identifiers }: AppUpdate): Promise<Set<number>> => {
  const accounts = new Set([userId]);
  for (const kind of Object.keys(identifiers) as IdentifierKind[])
    for (const holder of await tx.devices.listHolders(kind, [identifiers[kind]!])) accounts.add(holder);
  if (accounts.size > 1) await tx.users.lockPlaces([...accounts]);
  return accounts;
};

/** Moves each identifier of the request to the user; true when any of them moved. */
const holdIdentifiers = async (
  tx: Transaction<DeviceAppStores>,
  how: Pick<HoldRequest, "operation" | "lockedAccounts" | "ids">,
  user: User,
  update: AppUpdate,
): Promise<boolean> => {
  const kinds = Object.keys(update.identifiers) as IdentifierKind[];
  if (kinds.length === 0) return false;
  const [holding] = await holdExactly(tx, {
    ...how,
    kinds,
    holdings: [{ holder: user, wanted: kinds.map((kind) => ({ kind, identifier: update.identifiers[kind]! })) }],
  });
  return holding!.isChanged;
};

/**
 * Raises the account's version for a change that the account itself does not show, so that `version` counts every update made here. The
 * devices and the extra record have Changes of their own. `last_change` stays, because no field of the account changes.
 */
const countChange = async (tx: Transaction<DeviceAppStores>, user: User): Promise<User> => {
  const counted = { ...user, version: user.version + 1 };
  await tx.users.update([{ before: user, user: counted, profiles: [] }]);
  return counted;
};
