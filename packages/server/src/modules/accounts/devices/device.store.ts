import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isIn, rowsFor } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { updateRows } from "../../../storage/row-changes.ts";
import { statement } from "../../../storage/statement.ts";
import { guardedBy, seenRow, within } from "../../../storage/tenant-wall.ts";
import { read } from "../../../storage/verbs.ts";
import type { DeviceTable } from "./device.table.ts";
import type { Device, DeviceKind, DeviceName, Holder } from "./device.ts";
import { type DeviceFilters, filterDevices, keptDevices } from "./device-filters.store.ts";

/** What a name stands for: a device that may be taken, or one that is held out of sight and shows nothing else. */
export type NamedDevice = Device | { readonly heldElsewhere: DeviceName };

export type DeviceStore = ReturnType<ReturnType<typeof deviceStore>>;

/** Devices by scope. What a database can do is given once; the store is then made for each unit. */
export const deviceStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => {
  const devices = () => handle.selectFrom("device").selectAll().where(guardedBy(scope, "device"));
  const mayTouch = (namespaceId: number) => scope === null || scope.covers === "everything" || scope.namespaceIds.includes(namespaceId);

  return {
    async find(id: number): Promise<Device | undefined> {
      const row = seenRow(scope, await handle.selectFrom("device").selectAll().where("id", "=", id).executeTakeFirst());
      return row && toDevice(row);
    },

    /** The held devices of a name, in every namespace that the scope sees, or in one. At most two are returned. */
    async findHeld({ kind, identifier }: DeviceName, namespaceId?: number): Promise<Device[]> {
      let query = devices().where("kind", "=", kind).where("identifier", "=", identifier).where("user_id", "is not", null);
      if (scope) query = query.where(isIn(sql.ref("device.name_space_id"), scope.namespaceIds));
      if (namespaceId !== undefined) query = query.where("device.name_space_id", "=", namespaceId);
      return (await query.limit(2).execute()).map(toDevice);
    },

    /** The devices that these users have, by id: one query however many users. */
    async listHeldBy(holders: readonly Pick<Holder, "id" | "namespaceId">[], kinds: readonly DeviceKind[]): Promise<Device[]> {
      if (holders.length === 0) return [];
      const namespaceIds = [...new Set(holders.map((holder) => holder.namespaceId))];
      const userIds = holders.map((holder) => holder.id);
      return (await read(handle, heldDevices, { scope, namespaceIds, userIds, kinds })).map(toDevice);
    },

    /** The users who have devices of these names, in sight. */
    async listHolders(kind: DeviceKind, identifiers: readonly string[]): Promise<number[]> {
      let query = devices()
        .where("kind", "=", kind)
        .where(isIn(sql.ref("identifier"), identifiers))
        .where("user_id", "is not", null);
      if (scope) query = query.where(isIn(sql.ref("device.name_space_id"), scope.namespaceIds));
      return [...new Set((await query.execute()).map((row) => row.user_id!))];
    },

    /** The devices that users have, kept from changing until the unit ends: one query for each namespace. */
    async lockHeldBy(holders: readonly Pick<Holder, "id" | "namespaceId">[], kinds: readonly DeviceKind[]): Promise<Device[]> {
      const found: Device[] = [];
      const bySpace = Map.groupBy(holders, (holder) => holder.namespaceId);
      for (const namespaceId of [...bySpace.keys()].sort((one, other) => one - other)) {
        const userIds = bySpace.get(namespaceId)!.map(({ id }) => id);
        let query = devices()
          .where("name_space_id", "=", namespaceId)
          .where(isIn(sql.ref("user_id"), userIds))
          .where(isIn(sql.ref("kind"), kinds))
          .orderBy("kind")
          .orderBy("identifier");
        if (tools.capabilities.needsRowLocks) query = query.forUpdate();
        found.push(...(await query.execute()).map(toDevice));
      }
      return found;
    },

    /**
     * What names stand for in a namespace, kept from changing until the unit ends. Free devices are shown wherever
     * they belong, for they may be taken; of those held out of sight the name alone.
     */
    async lockByNames(namespaceId: number, names: readonly DeviceName[]): Promise<NamedDevice[]> {
      if (names.length === 0 || !mayTouch(namespaceId)) return [];
      const found: NamedDevice[] = [];
      const byKind = Map.groupBy(names, (name) => name.kind);
      for (const kind of [...byKind.keys()].sort()) {
        const identifiers = byKind.get(kind)!.map((name) => name.identifier);
        let query = handle
          .selectFrom("device")
          .selectAll()
          .where("name_space_id", "=", namespaceId)
          .where("kind", "=", kind)
          .where(isIn(sql.ref("identifier"), identifiers))
          .orderBy("identifier");
        if (tools.capabilities.needsRowLocks) query = query.forUpdate();
        for (const row of await query.execute()) {
          const isTakeable = row.user_id === null || scope === null || sees(scope, row.organization_id);
          found.push(isTakeable ? toDevice(row) : { heldElsewhere: { kind, identifier: row.identifier } });
        }
      }
      return found;
    },

    /** Inserts devices whose names are new and returns the ids of those; a name that appeared meanwhile is left alone. */
    async insertNew(rows: readonly Device[]): Promise<Set<number>> {
      const inserted = new Set<number>();
      for (let start = 0; start < rows.length; start += rowsPerInsert) {
        const { columns, expression } = rowsFor("device", rows.slice(start, start + rowsPerInsert).map(toRow));
        const made = await handle
          .insertInto("device")
          .columns(columns as (keyof DeviceTable)[])
          .expression(expression)
          .onConflict((conflict) => conflict.columns(["name_space_id", "kind", "identifier"]).doNothing())
          .returning("id")
          .execute();
        for (const row of made) inserted.add(row.id);
      }
      return inserted;
    },

    /** Writes devices. Beyond the scope only free ones change: they are being taken. */
    async update(changed: readonly Device[]): Promise<void> {
      await updateRows(handle, {
        table: "device",
        key: ["name_space_id", "id"],
        rows: changed.filter(({ namespaceId }) => mayTouch(namespaceId)).map(toRow),
        where: sql<SqlBool>`(${sql.ref("device.user_id")} is null or ${within(scope, "device")})`,
      });
    },

    async list(filters: DeviceFilters, page: PageRequest): Promise<Page<Device>> {
      const found = await pageOfDevices(handle, { scope, filters, page });
      return readRows(found, toDevice);
    },
  };
};

const pageOfDevices = listOf<DeviceFilters, Selectable<DeviceTable>>({
  table: "device",
  filtered: filterDevices,
  kept: keptDevices,
  shown: (handle) => handle.selectFrom("device").selectAll("device"),
});

type HeldInput = {
  readonly scope: TenantScope | null;
  readonly namespaceIds: readonly number[];
  readonly userIds: readonly number[];
  readonly kinds: readonly DeviceKind[];
};

const heldDevices = statement<HeldInput, Selectable<DeviceTable>>((handle, { scope, namespaceIds, userIds, kinds }) =>
  handle
    .selectFrom("device")
    .selectAll()
    .where(guardedBy(scope, "device"))
    .where(isIn(sql.ref("device.name_space_id"), namespaceIds))
    .where(isIn(sql.ref("user_id"), userIds))
    .where(isIn(sql.ref("kind"), kinds))
    .orderBy("id"),
);

const rowsPerInsert = 500;

const toRow = (device: Device) => ({
  name_space_id: device.namespaceId,
  id: device.id,
  organization_id: device.organizationId,
  user_id: device.userId,
  kind: device.kind,
  identifier: device.identifier,
  device_type: device.deviceType,
  serial_number: device.serialNumber,
  model: device.model,
  assigned_date: device.assignedDateMs,
  status: device.status,
  created_at: device.createdAtMs,
  last_change: device.lastChangeMs,
  version: device.version,
});

const toDevice = (row: Selectable<DeviceTable>): Device => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  userId: row.user_id,
  kind: row.kind,
  identifier: row.identifier,
  deviceType: row.device_type,
  serialNumber: row.serial_number,
  model: row.model,
  assignedDateMs: row.assigned_date,
  status: row.status,
  createdAtMs: row.created_at,
  lastChangeMs: row.last_change,
  version: row.version,
});
