import { actorLabel } from "../../../kernel/actor.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import { OutdatedRead } from "../../../storage/database.ts";
import type { AccountHooks } from "../users/index.ts";
import type { DeviceStore } from "./device.store.ts";
import { type Device, type DeviceKind, deviceKinds, type Holder, recordDeviceChange } from "./device.ts";
import type { DeviceMoveStore } from "./device-move.store.ts";
import { type AvailableDevices, type Holding, nextVersion, placeKey, settleHoldings, type WantedHolding } from "./device-settlement.ts";

export interface DeviceStores {
  readonly devices: DeviceStore;
  readonly deviceMoves: DeviceMoveStore;
}

/** Ids for new devices and for moves, taken before the unit of work. */
export interface DeviceIds {
  readonly devices: readonly number[];
  readonly moves: readonly number[];
}

/** Takes as many ids as assigning `count` devices may need. Ids that are left over are never used. */
export const takeDeviceIds = async (ids: IdSource<"device" | "device_move">, count: number): Promise<DeviceIds> => ({
  devices: await ids.takeMany("device", count),
  moves: await ids.takeMany("device_move", count),
});

export interface HoldRequest {
  readonly operation: string;
  /** The kinds that are assigned; devices of other kinds stay. */
  readonly kinds: readonly DeviceKind[];
  readonly holdings: readonly WantedHolding[];
  /** The accounts whose rows the unit has locked: the holders, and those who had the wanted devices when that was read. */
  readonly lockedAccounts: ReadonlySet<number>;
  /** Each id is used once; a unit that runs again uses them again. */
  readonly ids: DeviceIds;
}

/**
 * Gives users exactly the wanted devices of some kinds, one user after another: new devices are created, free ones and those of other
 * users in sight are taken, and whatever else a user had becomes free. Call it with the users' rows locked, those who lose devices
 * included. By as many statements for one user as for many. Throws device.held_elsewhere for a device of a user out of sight, and
 * OutdatedRead where a device has gone to somebody else, or was made, while the locks were waited for.
 */
export const holdExactly = async (tx: Transaction<DeviceStores>, request: HoldRequest): Promise<readonly Holding[]> => {
  const { operation, holdings, ids } = request;
  const available = await lockOrMake(tx, request);
  const [moveIds, actor] = [ids.moves.values(), actorLabel(tx.caller.actor)];
  const newMove = () => ({ id: moveIds.next().value!, operation, actor });
  const settled = settleHoldings(holdings, available, { nowMs: tx.nowMs, newMove });
  await tx.devices.update(settled.changed);
  await tx.deviceMoves.close(settled.ended.toSorted(byId), tx.nowMs);
  await tx.deviceMoves.open(settled.moves);
  for (const { before, after } of settled.steps) recordDeviceChange(tx, operation, before, after);
  return settled.holdings;
};

/** The devices that the holders have or want, all locked; those that do not exist are made for the holders who want them. */
const lockOrMake = async (tx: Transaction<DeviceStores>, request: HoldRequest): Promise<AvailableDevices> => {
  const { holdings, kinds, ids } = request;
  const wanted = holdings.flatMap(({ holder, wanted: devices }) =>
    devices.map((device) => ({ device, holder, key: placeKey(holder.namespaceId, device) })),
  );
  const holders = holdings.map(({ holder }) => holder);
  // Who has the holder's lock may change what the holder has: what is read here stays so until it is locked, with the wanted ones.
  const locked = await lockNamed(tx, request, await tx.devices.listHeldBy(holders, kinds));
  const known = new Map(locked.map((device) => [placeKey(device.namespaceId, device), device]));
  // One order for everyone, so that two units that make the same devices wait for each other.
  const missing = wanted.filter(({ key }) => !known.has(key)).sort((one, other) => (one.key < other.key ? -1 : 1));
  const fresh = missing.map(({ device, holder }, index): Device => ({ ...freshDevice(ids.devices[index]!, holder, tx.nowMs), ...device }));
  const inserted = await tx.devices.insertNew(fresh);
  // Locked now, it would be locked out of turn, and others of its name have come before it.
  if (fresh.some(({ id }) => !inserted.has(id))) throw new OutdatedRead("A wanted device was made meanwhile.");
  return { known, made: new Map(fresh.map((device) => [placeKey(device.namespaceId, device), device])) };
};

/**
 * What exists of the wanted devices, and what the holders have, in the one order of names. Refuses for the first holding that wants
 * one out of sight.
 */
const lockNamed = async (
  tx: Transaction<DeviceStores>,
  { holdings, lockedAccounts }: HoldRequest,
  held: readonly Device[],
): Promise<Device[]> => {
  const found: Device[] = [];
  const hidden = new Set<string>();
  const names = [
    ...holdings.flatMap(({ holder: { namespaceId }, wanted }) => wanted.map((device) => ({ ...device, namespaceId }))),
    ...held,
  ];
  const bySpace = Map.groupBy(names, ({ namespaceId }) => namespaceId);
  for (const namespaceId of [...bySpace.keys()].sort((one, other) => one - other)) {
    for (const device of await tx.devices.lockByNames(namespaceId, bySpace.get(namespaceId)!)) {
      if ("heldElsewhere" in device) hidden.add(placeKey(namespaceId, device.heldElsewhere));
      else found.push(device);
    }
  }
  // Its holder loses more than the device, and all of that is locked by the holder's row, before any device.
  const isUnlocked = ({ userId }: Device) => userId !== null && !lockedAccounts.has(userId);
  if (found.some(isUnlocked)) throw new OutdatedRead("A device has gone to somebody else meanwhile.");
  if (hidden.size === 0) return found;
  for (const { holder, wanted, where = "" } of holdings) {
    const refused = wanted.find((device) => hidden.has(placeKey(holder.namespaceId, device)));
    if (!refused) continue;
    const sentence = `The ${refused.kind} ${refused.identifier} is assigned to a user that this token does not see.`;
    throw new DomainError("device.held_elsewhere", `${where}${sentence}`);
  }
  return found;
};

const freshDevice = (id: number, holder: Holder, nowMs: number) => ({
  id,
  namespaceId: holder.namespaceId,
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

const byId = (one: Device, other: Device): number => one.id - other.id;

/** Writes devices as their next versions, each with its changes. */
const write = async (
  tx: Transaction<DeviceStores>,
  operation: string,
  devices: readonly Device[],
  changesOf: (device: Device) => Partial<Device>,
): Promise<void> => {
  const written = devices.map((before) => ({ before, after: nextVersion(before, { ...before, ...changesOf(before) }, tx.nowMs) }));
  await tx.devices.update(written.map(({ after }) => after));
  for (const { before, after } of written) recordDeviceChange(tx, operation, before, after);
};

/** Frees the devices of a deleted user and removes the user from their history; moves the devices of a moved user. */
export const devicesOfAccounts: AccountHooks<DeviceStores> = {
  async onDelete(tx, { operation, user, pseudonym }) {
    const held = await tx.devices.lockHeldBy([user], deviceKinds);
    await write(tx, operation, held, () => ({ userId: null, assignedDateMs: null }));
    await tx.deviceMoves.close(held.toSorted(byId), tx.nowMs);
    await tx.deviceMoves.pseudonymize(user.namespaceId, user.id, pseudonym);
  },
  async onMove(tx, operation, moves) {
    const organizations = new Map(moves.map(({ after }) => [after.id, after.organizationId]));
    const held = await tx.devices.lockHeldBy(
      moves.map(({ before }) => before),
      deviceKinds,
    );
    await write(tx, operation, held, ({ userId }) => ({ organizationId: organizations.get(userId!)! }));
    await tx.deviceMoves.follow(moves.map(({ after }) => after));
  },
};
