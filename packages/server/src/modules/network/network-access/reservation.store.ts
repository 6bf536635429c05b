import { type Selectable, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isAnyOf } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { lock, write } from "../../../storage/verbs.ts";
import type { ReservationTable } from "./network-access.table.ts";

/** How long a reservation waits for the Start of its session. */
export const reservationMs = 60_000;
/** A reservation that ends later than this was made by a node whose clock ran ahead. It counts as over. */
export const maxReservationMs = 2 * reservationMs;

/** The place of a device that was accepted, until its session starts or the minute is over. */
export interface Reservation {
  readonly namespaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId: number;
  readonly expiresAtMs: number;
  readonly interimSeconds: number | null;
  readonly timeoutSeconds: number | null;
}

export type ReservationStore = ReturnType<ReturnType<typeof reservationStore>>;

export const reservationStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => ({
  /**
   * Locks the user, so that two requests at once are counted one after the other; false where the user is out of sight.
   */
  async lockUser(namespaceId: number, userId: number): Promise<boolean> {
    await runnerOf(handle).turn?.(userId);
    let query = handle
      .selectFrom("user_account")
      .select("id")
      .where("name_space_id", "=", namespaceId)
      .where("id", "=", userId)
      .where(within(scope, "user_account"));
    // Rows that belong to the user may still be made: who makes one may wait for a reservation that this unit is about to write.
    if (tools.capabilities.needsRowLocks) query = query.forNoKeyUpdate();
    return (await query.executeTakeFirst()) !== undefined;
  },

  /** Makes a reservation, in place of the device's former one. */
  async make(reservation: Reservation): Promise<void> {
    const row = {
      name_space_id: reservation.namespaceId,
      user_id: reservation.userId,
      client_id: reservation.clientId,
      station: reservation.station,
      decision_id: reservation.decisionId,
      expires_at: reservation.expiresAtMs,
      interim_seconds: reservation.interimSeconds,
      timeout_seconds: reservation.timeoutSeconds,
    };
    await write(handle, {
      insertInto: "reservation",
      rows: [row],
      onConflict: {
        keys: ["name_space_id", "user_id", "client_id", "station"],
        columns: ["decision_id", "expires_at", "interim_seconds", "timeout_seconds"],
        change: "replace",
      },
    });
  },

  /**
   * Removes the reservation of a session that has started: that of its decision, else that of its device. Returns it even
   * when its minute is over, because what the decision said still holds.
   */
  async confirm(session: ConfirmingSession): Promise<Reservation | undefined> {
    const [row] = await lock(handle, reservationRemovalReturning, placeOf(session));
    return (
      row && {
        namespaceId: row.name_space_id,
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

  /** Of these accounts the one that a device was last accepted as, while its reservation stands; with the decision. */
  async findLast({ accounts, clientId, station }: DeviceQuestion): Promise<AcceptedAs | undefined> {
    if (accounts.length === 0) return undefined;
    const row = await handle
      .selectFrom("reservation")
      .innerJoin("user_account", (join) =>
        join.onRef("user_account.name_space_id", "=", "reservation.name_space_id").onRef("user_account.id", "=", "reservation.user_id"),
      )
      .select(["reservation.user_id", "reservation.decision_id"])
      .where(isAnyOf({ "reservation.name_space_id": "namespaceId", "reservation.user_id": "id" }, accounts))
      .where("reservation.client_id", "=", clientId)
      .where("reservation.station", "=", station)
      .where(within(scope, "user_account"))
      .orderBy("reservation.decision_id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && { userId: row.user_id, decisionId: row.decision_id };
  },

  /** As `confirm`, for a session that does not need what the reservation says. */
  async release(session: ConfirmingSession): Promise<void> {
    await write(handle, reservationRemoval, placeOf(session));
  },

  /** Removes reservations that ended before an instant, `max` at most. */
  async removeExpired(beforeMs: number, max: number): Promise<number> {
    let expired = handle
      .selectFrom("reservation")
      .select(["name_space_id", "user_id", "client_id", "station"])
      .where("expires_at", "<", beforeMs)
      .orderBy("expires_at")
      .limit(max);
    if (tools.capabilities.needsRowLocks) expired = expired.forUpdate().skipLocked();
    const { numDeletedRows } = await handle
      .deleteFrom("reservation")
      .where(sql<boolean>`(name_space_id, user_id, client_id, station) in ${expired}`)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  },
});

/** Which of these accounts a device of a client is. */
export interface DeviceQuestion {
  readonly accounts: readonly { readonly namespaceId: number; readonly id: number }[];
  readonly clientId: number;
  readonly station: string;
}

/** Who was accepted, by which decision. */
export interface AcceptedAs {
  readonly userId: number;
  readonly decisionId: number;
}

/** What tells which reservation is a session's. */
export interface ConfirmingSession {
  readonly namespaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId: number | null;
}

interface ReservationPlace {
  readonly namespaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly decisionId?: number;
}

const placeOf = ({ namespaceId, userId, clientId, station, decisionId }: ConfirmingSession): ReservationPlace => ({
  namespaceId,
  userId,
  clientId,
  station,
  ...(decisionId === null ? {} : { decisionId }),
});

const deletionAt = (handle: Handle, { namespaceId, userId, clientId, station, decisionId }: ReservationPlace) => {
  const ofUser = handle
    .deleteFrom("reservation")
    .where("name_space_id", "=", namespaceId)
    .where("user_id", "=", userId)
    .where("client_id", "=", clientId);
  return decisionId === undefined
    ? ofUser.where("station", "=", station)
    : ofUser.where((eb) => eb.or([eb("decision_id", "=", decisionId), eb("station", "=", station)]));
};

const reservationRemovalReturning = statement<ReservationPlace, Selectable<ReservationTable>>((handle, place) =>
  deletionAt(handle, place).returningAll(),
);
const reservationRemoval = statement<ReservationPlace>(deletionAt, { writes: "reservation" });
