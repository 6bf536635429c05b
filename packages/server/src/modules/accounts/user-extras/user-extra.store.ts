import { type Insertable, type Selectable, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { updateRows } from "../../../storage/row-changes.ts";
import { guardedBy, seenRow, within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";
import type { UserExtraTable } from "./user-extra.table.ts";
import { noParticulars, type Particulars, sealedFields, textFields, type UserExtra } from "./user-extra.ts";
import { filterExtras, keptExtras, type UserExtraFilters } from "./user-extra-filters.store.ts";

export interface UserExtraStoreDependencies {
  readonly capabilities: Capabilities;
  readonly secretBox: SecretBox;
}

/** A parent as the key of its record. */
export interface ParentKey {
  readonly id: number;
  readonly namespaceId: number;
}

export type UserExtraStore = ReturnType<ReturnType<typeof userExtraStore>>;

/** Extra records by scope: sealed on the way in, opened on the way out. */
export const userExtraStore =
  ({ capabilities, secretBox }: UserExtraStoreDependencies) =>
  (handle: Handle, scope: TenantScope | null) => {
    const toExtra = (row: Selectable<UserExtraTable>) => readRow(secretBox, row);
    const toRow = (extra: UserExtra) => writeRow(secretBox, extra);
    const records = () => handle.selectFrom("user_extra").selectAll();
    const ofParents = (namespaceId: number, parentIds: readonly number[]) =>
      records()
        .where("name_space_id", "=", namespaceId)
        .where(isIn(sql.ref("parent_id"), parentIds))
        .where(guardedBy(scope, "user_extra"));

    return {
      async find(id: number): Promise<UserExtra | undefined> {
        const row = seenRow(scope, await records().where("id", "=", id).executeTakeFirst());
        return row && toExtra(row);
      },

      /** The parents of records, by the records' ids: what must be locked before them. */
      async findParents(ids: readonly number[]): Promise<Map<number, number>> {
        const rows = await handle
          .selectFrom("user_extra")
          .select(["id", "parent_id"])
          .where(isIn(sql.ref("id"), ids))
          .where(guardedBy(scope, "user_extra"))
          .execute();
        return new Map(rows.map((row) => [row.id, row.parent_id]));
      },

      /** Records by id, kept from changing until the unit ends; those out of sight are left out. */
      async lockMany(ids: readonly number[]): Promise<Map<number, UserExtra>> {
        let query = records()
          .where(isIn(sql.ref("id"), ids))
          .where(guardedBy(scope, "user_extra"))
          .orderBy("id");
        if (capabilities.needsRowLocks) query = query.forUpdate();
        return new Map((await query.execute()).map((row) => [row.id, toExtra(row)]));
      },

      /** The records of parents in one namespace, kept from changing until the unit ends. */
      async lockByParents(namespaceId: number, parentIds: readonly number[]): Promise<UserExtra[]> {
        if (parentIds.length === 0) return [];
        let query = ofParents(namespaceId, parentIds).orderBy("id");
        if (capabilities.needsRowLocks) query = query.forUpdate();
        return (await query.execute()).map(toExtra);
      },

      /** Which of these parents have a record. */
      async takenParents(parents: readonly ParentKey[]): Promise<Set<number>> {
        const taken = new Set<number>();
        for (const [namespaceId, keys] of Map.groupBy(parents, (parent) => parent.namespaceId)) {
          const parentIds = keys.map((key) => key.id);
          const rows = await ofParents(namespaceId, parentIds).clearSelect().select("parent_id").execute();
          for (const row of rows) taken.add(row.parent_id);
        }
        return taken;
      },

      async list(filters: UserExtraFilters, page: PageRequest): Promise<Page<UserExtra>> {
        const found = await pageOfExtras(handle, { scope, filters, page });
        return readRows(found, toExtra);
      },

      async insert(extras: readonly UserExtra[]): Promise<void> {
        await write(handle, { insertInto: "user_extra", rows: extras.map(toRow) });
      },

      async update(extras: readonly UserExtra[]): Promise<void> {
        const rows = extras.map((extra) => {
          const { parent_id: _, created_at: __, ...columns } = toRow(extra);
          return columns;
        });
        await updateRows(handle, { table: "user_extra", key: ["name_space_id", "id"], rows, where: within(scope, "user_extra") });
      },

      async delete(extra: UserExtra): Promise<void> {
        await handle
          .deleteFrom("user_extra")
          .where("name_space_id", "=", extra.namespaceId)
          .where("id", "=", extra.id)
          .where(within(scope, "user_extra"))
          .execute();
      },
    };
  };

const pageOfExtras = listOf<UserExtraFilters, Selectable<UserExtraTable>>({
  table: "user_extra",
  filtered: filterExtras,
  kept: keptExtras,
  shown: (handle) => handle.selectFrom("user_extra").selectAll("user_extra"),
});

/** Where a sealed value lives: it opens in no other record. */
const placeOf = (name: string, namespaceId: number, id: number): string => `user_extra.${name}/${namespaceId}/${id}`;

const writeRow = (secretBox: SecretBox, extra: UserExtra): Insertable<UserExtraTable> => {
  const { particulars } = extra;
  const sealed: Partial<Record<(typeof sealedFields)[number], string>> = {};
  for (const name of sealedFields) {
    const value = particulars[name];
    if (value !== null) sealed[name] = secretBox.seal(value, placeOf(name, extra.namespaceId, extra.id));
  }
  return {
    name_space_id: extra.namespaceId,
    id: extra.id,
    organization_id: extra.organizationId,
    parent_id: extra.parentId,
    ...particulars,
    tax_id: sealed.tax_id ?? null,
    passport_number: sealed.passport_number ?? null,
    preferences: writeJson(particulars.preferences),
    custom_fields: writeJson(particulars.custom_fields),
    created_at: extra.createdAtMs,
    updated_at: extra.updatedAtMs,
    version: extra.version,
  };
};

const readRow = (secretBox: SecretBox, row: Selectable<UserExtraTable>): UserExtra => {
  const particulars: Record<string, unknown> = { ...noParticulars };
  for (const name of textFields) particulars[name] = row[name];
  for (const name of sealedFields) {
    const sealed = row[name];
    if (sealed !== null) particulars[name] = secretBox.open(sealed, placeOf(name, row.name_space_id, row.id));
  }
  particulars["age"] = row.age;
  particulars["accept_terms"] = row.accept_terms === null ? null : Boolean(row.accept_terms);
  particulars["preferences"] = readJson(row.preferences);
  particulars["custom_fields"] = readJson(row.custom_fields);
  return {
    id: row.id,
    namespaceId: row.name_space_id,
    organizationId: row.organization_id,
    parentId: row.parent_id,
    particulars: particulars as unknown as Particulars,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    version: row.version,
  };
};
