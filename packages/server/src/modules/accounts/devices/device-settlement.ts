import { type Device, type DeviceMove, type Holder, nameKey, type WantedDevice } from "./device.ts";

/** The devices that one account is to have. */
export interface WantedHolding {
  readonly holder: Holder;
  readonly wanted: readonly WantedDevice[];
  /** Names the row in refusals; empty where the request has one. */
  readonly where?: string;
}

export interface Holding {
  readonly isChanged: boolean;
  /** The users who lost a device to the holder. */
  readonly losers: readonly Holder[];
}

/** The devices that holdings concern, by `placeKey`: those that existed, and those that were just created for a holder. */
export interface AvailableDevices {
  readonly known: ReadonlyMap<string, Device>;
  readonly made: ReadonlyMap<string, Device>;
}

export interface Settlement {
  readonly holdings: readonly Holding[];
  /** Each change of a device by itself, for the audit trail. A device may change hands more than once. */
  readonly steps: readonly { readonly before: Device | null; readonly after: Device }[];
  /** The devices that differ in the end from their rows. */
  readonly changed: readonly Device[];
  /** The devices whose last move ends. */
  readonly ended: readonly Device[];
  readonly moves: readonly DeviceMove[];
}

type NewMove = Pick<DeviceMove, "id" | "operation" | "actor">;

export interface SettlementRules {
  readonly nowMs: number;
  /** What all moves have in common, with an id of its own. */
  newMove(): NewMove;
}

/** One key for a device among those of all namespaces. */
export const placeKey = (namespaceId: number, device: Parameters<typeof nameKey>[0]): string => `${namespaceId}\n${nameKey(device)}`;

/** A device as its next version. */
export const nextVersion = (before: Device, wanted: Device, nowMs: number): Device => ({
  ...wanted,
  version: before.version + 1,
  lastChangeMs: nowMs,
});

/** Computes the changes of devices when accounts take their holdings one after another. It reads nothing from the database. */
export const settleHoldings = (
  wantedHoldings: readonly WantedHolding[],
  { known, made }: AvailableDevices,
  { nowMs, newMove }: SettlementRules,
): Settlement => {
  const present = new Map(known);
  const heldBy = new Map<number, Set<string>>();
  for (const [key, { userId }] of known) if (userId !== null) heldOf(heldBy, userId).add(key);
  const steps: { before: Device | null; after: Device }[] = [];
  const ended = new Map<number, Device>();
  const moves: DeviceMove[] = [];
  const opened = new Map<number, number>();

  const end = (device: Device): void => {
    const index = opened.get(device.id);
    if (index === undefined) ended.set(device.id, device);
    else moves[index] = { ...moves[index]!, unassignedAtMs: nowMs };
  };
  const open = ({ id: deviceId }: Device, { id: userId, namespaceId, organizationId }: Holder): void => {
    opened.set(deviceId, moves.length);
    const place = { namespaceId, organizationId, deviceId, userId };
    moves.push({ ...newMove(), ...place, pseudonym: null, assignedAtMs: nowMs, unassignedAtMs: null });
  };
  const step = (key: string, before: Device | null, after: Device): void => {
    if (before && before.userId !== null) heldOf(heldBy, before.userId).delete(key);
    if (after.userId !== null) heldOf(heldBy, after.userId).add(key);
    present.set(key, after);
    steps.push({ before, after });
  };
  const change = (key: string, before: Device, wanted: Device) => step(key, before, nextVersion(before, wanted, nowMs));

  const hold = ({ holder, wanted }: WantedHolding): Holding => {
    const stepsBefore = steps.length;
    const losers: Holder[] = [];
    const wantedByKey = new Map(wanted.map((device) => [placeKey(holder.namespaceId, device), device]));
    for (const key of [...heldOf(heldBy, holder.id)].sort()) {
      if (wantedByKey.has(key)) continue;
      const before = present.get(key)!;
      end(before);
      change(key, before, { ...before, userId: null, assignedDateMs: null });
    }
    for (const [key, device] of wantedByKey) {
      const before = present.get(key);
      if (!before) {
        const fresh = made.get(key)!;
        step(key, null, fresh);
        open(fresh, holder);
      } else if (before.userId === holder.id) {
        const after = { ...before, ...device };
        if (JSON.stringify(before) !== JSON.stringify(after)) change(key, before, after);
      } else {
        if (before.userId !== null) {
          end(before);
          losers.push({ ...before, id: before.userId });
        }
        const place = { userId: holder.id, organizationId: holder.organizationId };
        change(key, before, { ...before, assignedDateMs: nowMs, ...device, ...place });
        open(before, holder);
      }
    }
    return { isChanged: steps.length > stepsBefore, losers };
  };

  const holdings = wantedHoldings.map(hold);
  const changed = [...present].filter(([key, device]) => device !== (known.get(key) ?? made.get(key))).map(([, device]) => device);
  return { holdings, steps, changed, ended: [...ended.values()], moves };
};

const heldOf = (heldBy: Map<number, Set<string>>, userId: number): Set<string> => {
  const held = heldBy.get(userId) ?? new Set();
  heldBy.set(userId, held);
  return held;
};
