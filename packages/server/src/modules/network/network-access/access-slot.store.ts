import { type Selectable, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isAnyOf } from "../../../storage/in-list.ts";
import type { AccessSlotTable } from "../../../storage/network-tables.ts";
import { shapedReturning, shapedWrite } from "../../../storage/prepared.ts";
import { insertRows, runnerOf } from "../../../storage/statements.ts";
import { within } from "../../../storage/tenant-wall.ts";

/** How long a slot waits for the Start of its session. */
export const slotMs = 60_000;
/** No clock of another node runs so far ahead that a slot ends later: what does is of a clock that ran ahead, and is over. */
export const longestSlotMs = 2 * slotMs;

/** A place for the session of a device that is let in, until it starts or the minute is over. */
export interface AccessSlot {
  readonly nameSpaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId: number;
  readonly expiresAtMs: number;
  readonly interimSeconds: number | null;
  readonly timeoutSeconds: number | null;
}

export type AccessSlotStore = ReturnType<ReturnType<typeof accessSlotStore>>;

export const accessSlotStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => ({
  /**
   * Keeps all other units from taking a slot of the user until this one ends, and tells whether the user is in sight.
   * Two requests at once are counted one after the other.
   */
  async lockUser(nameSpaceId: number, userId: number): Promise<boolean> {
    await runnerOf(handle).turn?.(userId);
    let query = handle
      .selectFrom("user_account")
      .select("id")
      .where("name_space_id", "=", nameSpaceId)
      .where("id", "=", userId)
      .where(within(scope, "user_account"));
    // Rows that belong to the user may still be made: who makes one may wait for a slot that this unit is about to write.
    if (tools.capabilities.needsRowLocks) query = query.forNoKeyUpdate();
    return (await query.executeTakeFirst()) !== undefined;
  },

  /** Takes a slot; the device's former one is gone. */
  async take(slot: AccessSlot): Promise<void> {
    const row = {
      name_space_id: slot.nameSpaceId,
      user_id: slot.userId,
      client_id: slot.clientId,
      station: slot.station,
      decision_id: slot.decisionId,
      expires_at: slot.expiresAtMs,
      interim_seconds: slot.interimSeconds,
      timeout_seconds: slot.timeoutSeconds,
    };
    await insertRows(handle, "access_slot", [row], {
      onConflict: {
        keys: ["name_space_id", "user_id", "client_id", "station"],
        columns: ["decision_id", "expires_at", "interim_seconds", "timeout_seconds"],
        change: "replace",
      },
    });
  },

  /**
   * Gives up the slot that a session confirms: that of its decision, else that of its device. Returns it even when its
   * minute is over, for what the decision said still holds.
   */
  async confirm(session: ConfirmingSession): Promise<AccessSlot | undefined> {
    const [row] = await giveUpSlot(handle, null, placeOf(session));
    return (
      row && {
        nameSpaceId: row.name_space_id,
        userId: row.user_id,
        clientId: row.client_id,
        station: row.station,
        decisionId: row.decision_id,
        expiresAtMs: row.expires_at,
        interimSeconds: row.interim_seconds,
        timeoutSeconds: row.timeout_seconds,
      }
    );
  },

  /** Of accounts in sight the one that a device was let in as last, while its slot stands; with the decision that says so. */
  async findLastTaken({ accounts, clientId, station }: DeviceQuestion): Promise<Taken | undefined> {
    if (accounts.length === 0) return undefined;
    const row = await handle
      .selectFrom("access_slot")
      .innerJoin("user_account", (join) =>
        join.onRef("user_account.name_space_id", "=", "access_slot.name_space_id").onRef("user_account.id", "=", "access_slot.user_id"),
      )
      .select(["access_slot.user_id", "access_slot.decision_id"])
      .where(isAnyOf({ "access_slot.name_space_id": "nameSpaceId", "access_slot.user_id": "id" }, accounts))
      .where("access_slot.client_id", "=", clientId)
      .where("access_slot.station", "=", station)
      .where(within(scope, "user_account"))
      .orderBy("access_slot.decision_id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && { userId: row.user_id, decisionId: row.decision_id };
  },

  /** The same for a session that knows what its slot says. */
  async release(session: ConfirmingSession): Promise<void> {
    await removeSlot(handle, null, placeOf(session));
  },

  /** Removes slots whose minute has long been over; at most so many at once. */
  async removeExpired(beforeMs: number, most: number): Promise<number> {
    let expired = handle
      .selectFrom("access_slot")
      .select(["name_space_id", "user_id", "client_id", "station"])
      .where("expires_at", "<", beforeMs)
      .orderBy("expires_at")
      .limit(most);
    if (tools.capabilities.needsRowLocks) expired = expired.forUpdate().skipLocked();
    const { numDeletedRows } = await handle
      .deleteFrom("access_slot")
      .where(sql<boolean>`(name_space_id, user_id, client_id, station) in ${expired}`)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  },
});

/** Which of these accounts a device of a client is. */
export interface DeviceQuestion {
  readonly accounts: readonly { readonly nameSpaceId: number; readonly id: number }[];
  readonly clientId: number;
  readonly station: string;
}

/** Who was let in, by which decision. */
export interface Taken {
  readonly userId: number;
  readonly decisionId: number;
}

/** A session as far as it tells which slot is its own. */
export interface ConfirmingSession {
  readonly nameSpaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId: number | null;
}

interface SlotPlace {
  readonly nameSpaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId?: number;
}

const placeOf = ({ nameSpaceId, userId, clientId, station, decisionId }: ConfirmingSession): SlotPlace => ({
  nameSpaceId,
  userId,
  clientId,
  station,
  ...(decisionId === null ? {} : { decisionId }),
});

const deletionAt = (handle: Handle, { nameSpaceId, userId, clientId, station, decisionId }: SlotPlace) => {
  const ofUser = handle
    .deleteFrom("access_slot")
    .where("name_space_id", "=", nameSpaceId)
    .where("user_id", "=", userId)
    .where("client_id", "=", clientId);
  return decisionId === undefined
    ? ofUser.where("station", "=", station)
    : ofUser.where((eb) => eb.or([eb("decision_id", "=", decisionId), eb("station", "=", station)]));
};

const giveUpSlot = shapedReturning<SlotPlace, Selectable<AccessSlotTable>>((handle, _scope, place) =>
  deletionAt(handle, place).returningAll(),
);
const removeSlot = shapedWrite<SlotPlace>("access_slot", (handle, _scope, place) => deletionAt(handle, place));
