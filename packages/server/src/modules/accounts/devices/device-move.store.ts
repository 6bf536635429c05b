import { type Selectable, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { moveRows } from "../../../storage/row-changes.ts";
import { guardedBy, within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { DeviceMoveTable } from "./device.table.ts";
import type { Device, DeviceMove, Holder } from "./device.ts";

export type DeviceMoveStore = ReturnType<ReturnType<typeof deviceMoveStore>>;

/** The history of who had which device. */
export const deviceMoveStore = () => (handle: Handle, scope: TenantScope | null) => ({
  async open(moves: readonly DeviceMove[]): Promise<void> {
    await write(handle, {
      insertInto: "device_move",
      rows: moves.map((move) => ({
        name_space_id: move.namespaceId,
        id: move.id,
        organization_id: move.organizationId,
        device_id: move.deviceId,
        user_id: move.userId,
        pseudonym: move.pseudonym,
        assigned_at: move.assignedAtMs,
        unassigned_at: move.unassignedAtMs,
        operation: move.operation,
        actor: move.actor,
      })),
    });
  },

  /** Ends the open stretches of devices. */
  async close(devices: readonly Pick<Device, "id" | "namespaceId">[], nowMs: number): Promise<void> {
    for (const [namespaceId, group] of Map.groupBy(devices, (device) => device.namespaceId)) {
      const deviceIds = group.map(({ id }) => id);
      await handle
        .updateTable("device_move")
        .set({ unassigned_at: nowMs })
        .where("name_space_id", "=", namespaceId)
        .where(isIn(sql.ref("device_id"), deviceIds))
        .where("unassigned_at", "is", null)
        .where(guardedBy(scope, "device_move"))
        .execute();
    }
  },

  /** Lets the whole history of users follow them to other organizations of their namespaces. */
  follow: (users: readonly Holder[]): Promise<void> => moveRows(handle, scope, "device_move", users),

  /** Keeps a deleted account's history under a pseudonym. */
  async pseudonymize(namespaceId: number, userId: number, pseudonym: string): Promise<void> {
    await handle
      .updateTable("device_move")
      .set({ user_id: null, pseudonym })
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "=", userId)
      .where(within(scope, "device_move"))
      .execute();
  },

  async list(namespaceId: number, deviceId: number, page: PageRequest): Promise<Page<DeviceMove>> {
    const found = await pageOfMoves(handle, { scope, filters: { namespaceId, deviceId }, page });
    return readRows(found, toMove);
  },
});

const pageOfMoves = listOf<{ readonly namespaceId: number; readonly deviceId: number }, Selectable<DeviceMoveTable>>({
  table: "device_move",
  isShort: true,
  filtered: (rows, scope, { namespaceId, deviceId }) =>
    rows
      .where("device_move.name_space_id", "=", namespaceId)
      .where("device_move.device_id", "=", deviceId)
      .where(within(scope, "device_move")),
  shown: (handle) => handle.selectFrom("device_move").selectAll("device_move"),
});

const toMove = (row: Selectable<DeviceMoveTable>): DeviceMove => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  deviceId: row.device_id,
  userId: row.user_id,
  pseudonym: row.pseudonym,
  assignedAtMs: row.assigned_at,
  unassignedAtMs: row.unassigned_at,
  operation: row.operation,
  actor: row.actor,
});
