import { actorLabel } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AccountDependent } from "../users/index.ts";
import type { DeviceStore } from "./device.store.ts";
import { type Device, type DeviceKind, deviceKinds, type Holder, nameKey, recordDeviceChange, type WantedDevice } from "./device.ts";
import type { DeviceMoveStore } from "./device-move.store.ts";

export interface DeviceStores {
  readonly devices: DeviceStore;
  readonly deviceMoves: DeviceMoveStore;
}

/** Ids for devices that may turn out to be new and for the moves, taken before the unit of work. */
export interface DeviceIds {
  readonly devices: number[];
  readonly moves: number[];
}

/** Takes as many ids as holding `count` devices may need; those left over are never used. */
export const takeDeviceIds = async (ids: IdSource, count: number): Promise<DeviceIds> => ({
  devices: await ids.takeMany("device", count),
  moves: await ids.takeMany("device_move", count),
});

export interface HoldRequest {
  readonly operation: string;
  readonly holder: Holder;
  /** The kinds that are settled; devices of other kinds are untouched. */
  readonly kinds: readonly DeviceKind[];
  readonly wanted: readonly WantedDevice[];
  /** Each id is used once: what is taken from here is gone. */
  readonly ids: DeviceIds;
}

export interface Holding {
  readonly isChanged: boolean;
  /** The users who lost a device to the holder. */
  readonly losers: readonly Holder[];
}

/**
 * Leaves a user with exactly the wanted devices of some kinds: new ones are made, free ones and those of other users in
 * sight are taken, and what else the user had becomes free. Call it with the user's row locked. Throws
 * device.held_elsewhere for a device of a user out of sight.
 */
export const holdExactly = async (tx: Transaction<DeviceStores>, request: HoldRequest): Promise<Holding> => {
  const { holder, wanted } = request;
  const held = await tx.devices.lockHeldBy(holder, request.kinds);
  const wantedByName = new Map(wanted.map((device) => [nameKey(device), device]));
  const released = held.filter((device) => !wantedByName.has(nameKey(device)));
  const kept = held.filter((device) => wantedByName.has(nameKey(device)));
  const keptNames = new Set(kept.map(nameKey));
  const missing = wanted.filter((device) => !keptNames.has(nameKey(device)));
  const { taken, made } = await findOrMake(tx, request, missing);

  await release(tx, request.operation, released);
  await tx.deviceMoves.close(
    holder.nameSpaceId,
    taken.filter((device) => device.userId !== null).map((device) => device.id),
    tx.nowMs,
  );
  let isChanged = released.length + taken.length + made.length > 0;
  for (const before of kept) {
    const after = { ...before, ...wantedByName.get(nameKey(before))! };
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    isChanged = true;
    await write(tx, request.operation, before, after);
  }
  for (const before of taken) {
    const place = { userId: holder.id, organizationId: holder.organizationId };
    await write(tx, request.operation, before, {
      ...before,
      assignedDateMs: tx.nowMs,
      ...wantedByName.get(nameKey(before))!,
      ...place,
    });
  }
  for (const device of made) recordDeviceChange(tx, request.operation, null, device);
  await tx.deviceMoves.open([...taken, ...made].map((device) => moveOf(tx, request, device)));
  const losers = taken.flatMap((device) => (device.userId === null ? [] : [{ ...device, id: device.userId }]));
  return { isChanged, losers };
};

/** The devices that the holder does not have yet: those that exist, locked, and those that are made for the holder. */
const findOrMake = async (
  tx: Transaction<DeviceStores>,
  { holder, ids }: HoldRequest,
  missing: readonly WantedDevice[],
): Promise<{ taken: Device[]; made: Device[] }> => {
  const known = await lockFree(tx, holder, missing);
  const knownNames = new Set(known.map(nameKey));
  const unknown = missing.filter((device) => !knownNames.has(nameKey(device)));
  // One order for everyone, so that two units that make the same devices wait for each other.
  const rows = unknown
    .toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1))
    .map((device): Device => ({ ...freshDevice(ids.devices.shift()!, holder, tx.nowMs), ...device }));
  const inserted = await tx.devices.insertNew(rows);
  const made = rows.filter((device) => inserted.has(device.id));
  const appeared = rows.filter((device) => !inserted.has(device.id));
  return { taken: [...known, ...(await lockFree(tx, holder, appeared))], made };
};

const lockFree = async (tx: Transaction<DeviceStores>, holder: Holder, wanted: readonly WantedDevice[]): Promise<Device[]> => {
  const found = await tx.devices.lockByNames(holder.nameSpaceId, wanted);
  return found.map((device) => {
    if ("heldElsewhere" in device) {
      throw new DomainError(
        "device.held_elsewhere",
        `The ${device.heldElsewhere.kind} ${device.heldElsewhere.identifier} is assigned to a user that this token does not see.`,
      );
    }
    return device;
  });
};

const freshDevice = (id: number, holder: Holder, nowMs: number) => ({
  id,
  nameSpaceId: holder.nameSpaceId,
  organizationId: holder.organizationId,
  userId: holder.id,
  deviceType: null,
  serialNumber: null,
  model: null,
  assignedDateMs: nowMs,
  status: null,
  createdAtMs: nowMs,
  lastChangeMs: nowMs,
  version: 1,
});

const moveOf = (tx: Transaction<unknown>, { operation, holder, ids }: HoldRequest, device: Device) => ({
  id: ids.moves.shift()!,
  nameSpaceId: holder.nameSpaceId,
  organizationId: holder.organizationId,
  deviceId: device.id,
  userId: holder.id,
  pseudonym: null,
  assignedAtMs: tx.nowMs,
  unassignedAtMs: null,
  operation,
  actor: actorLabel(tx.caller.actor),
});

const write = async (tx: Transaction<DeviceStores>, operation: string, before: Device, wanted: Device): Promise<void> => {
  const after = { ...wanted, version: before.version + 1, lastChangeMs: tx.nowMs };
  await tx.devices.update(after);
  recordDeviceChange(tx, operation, before, after);
};

const release = async (tx: Transaction<DeviceStores>, operation: string, devices: readonly Device[]): Promise<void> => {
  const first = devices[0];
  if (!first) return;
  for (const device of devices) await write(tx, operation, device, { ...device, userId: null, assignedDateMs: null });
  await tx.deviceMoves.close(
    first.nameSpaceId,
    devices.map((device) => device.id),
    tx.nowMs,
  );
};

/** A deleted user's devices become free and their history loses the name; a moved user's devices follow. */
export const devicesOfAccounts: AccountDependent<DeviceStores> = {
  async removed(tx, { operation, user, pseudonym }) {
    await release(tx, operation, await tx.devices.lockHeldBy(user, deviceKinds));
    await tx.deviceMoves.pseudonymize(user.nameSpaceId, user.id, pseudonym);
  },
  async moved(tx, { operation, before, after }) {
    for (const device of await tx.devices.lockHeldBy(before, deviceKinds)) {
      await write(tx, operation, device, { ...device, organizationId: after.organizationId });
    }
    await tx.deviceMoves.follow(before, after.organizationId);
  },
};
