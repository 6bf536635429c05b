import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { seenRow, within } from "../../../storage/tenant-wall.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";
import { addressKey, storedNetwork } from "../address-grants/index.ts";
import type { AaaClientTable } from "./aaa-client.table.ts";
import { type AaaClient, addressesOf, type DamagedClient } from "./aaa-client.ts";

/** The clients that are to be served, and those of them that cannot be. */
export interface ActiveClients {
  readonly clients: readonly AaaClient[];
  /** Their secrets or addresses cannot be read, as a lost key or a damaged disk leaves them. */
  readonly damaged: readonly DamagedClient[];
}

/** What lists of clients are narrowed by; all that are given must fit. */
export interface AaaClientFilters {
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly shortName?: string;
  readonly address?: string;
  readonly isActive?: boolean;
  readonly changedSinceMs?: number;
}

export interface AaaClientStoreDependencies {
  readonly capabilities: Capabilities;
  readonly secretBox: SecretBox;
}

export type AaaClientStore = ReturnType<ReturnType<typeof aaaClientStore>>;

const placeOf = (row: { name_space_id: number; id: number }): string => `aaa_client.secret/${row.name_space_id}/${row.id}`;

/** Clients by scope; their secrets are sealed in the rows and open in what the store gives. */
export const aaaClientStore =
  ({ capabilities, secretBox }: AaaClientStoreDependencies) =>
  (handle: Handle, scope: TenantScope | null) => {
    const toClient = (row: Selectable<AaaClientTable>): AaaClient => ({
      ...withoutSecret(row),
      secret: secretBox.open(row.secret, placeOf(row)),
    });
    const toRow = (client: AaaClient) => {
      const row = { ...columnsOf(client), name_space_id: client.namespaceId, id: client.id };
      return { ...row, secret: secretBox.seal(client.secret, placeOf(row)) };
    };
    const insertAddresses = (client: AaaClient) =>
      handle
        .insertInto("aaa_client_address")
        .values(addressesOf(client).map((address) => ({ client_id: client.id, address, address_key: addressKey(storedNetwork(address)) })))
        .execute();
    const deleteAddresses = (client: AaaClient) => handle.deleteFrom("aaa_client_address").where("client_id", "=", client.id).execute();
    const ofClient = (client: AaaClient) =>
      sql<SqlBool>`aaa_client.name_space_id = ${client.namespaceId} and aaa_client.id = ${client.id} and ${within(scope, "aaa_client")}`;

    return {
      async find(id: number): Promise<AaaClient | undefined> {
        const row = seenRow(scope, await handle.selectFrom("aaa_client").selectAll().where("id", "=", id).executeTakeFirst());
        return row && toClient(row);
      },

      /** The client, kept from changing until the unit ends. */
      async lock(id: number): Promise<AaaClient | undefined> {
        let query = handle.selectFrom("aaa_client").selectAll().where("id", "=", id);
        if (capabilities.needsRowLocks) query = query.forUpdate();
        const row = seenRow(scope, await query.executeTakeFirst());
        return row && toClient(row);
      },

      async list(filters: AaaClientFilters, page: PageRequest): Promise<Page<AaaClient>> {
        return readRows(await pageOfClients(handle, { scope, filters, page }), toClient);
      },

      /** All active clients in sight. One that cannot be read keeps none of the others from being served. */
      async listActive(): Promise<ActiveClients> {
        const rows = await handle
          .selectFrom("aaa_client")
          .selectAll()
          .where("is_active", "=", sql<boolean>`true`)
          .where(within(scope, "aaa_client"))
          .orderBy("id")
          .execute();
        const clients: AaaClient[] = [];
        const damaged: DamagedClient[] = [];
        for (const row of rows) {
          const client = readOrNothing(() => toClient(row));
          if (client) clients.push(client);
          // What further addresses it had is not known where they are what cannot be read.
          else damaged.push(readOrNothing(() => withoutSecret(row)) ?? withoutSecret({ ...row, more_addresses: "[]" }));
        }
        return { clients, damaged };
      },

      /** Which client of an organization has a short name; undefined when it is free. */
      async shortNameHolder(namespaceId: number, organizationId: number, shortName: string): Promise<number | undefined> {
        const row = await handle
          .selectFrom("aaa_client")
          .select("id")
          .where("name_space_id", "=", namespaceId)
          .where("organization_id", "=", organizationId)
          .where("short_name", "=", shortName)
          .executeTakeFirst();
        return row?.id;
      },

      /** The secrets of clients of whatever tenant, by their ids, as far as they can be read. */
      async secretsOf(ids: readonly number[]): Promise<Map<number, string>> {
        const rows = await handle
          .selectFrom("aaa_client")
          .select(["name_space_id", "id", "secret"])
          .where(isIn(sql.ref("aaa_client.id"), ids))
          .execute();
        return new Map(
          rows.flatMap((row) => {
            const secret = readOrNothing(() => secretBox.open(row.secret, placeOf(row)));
            return secret === undefined ? [] : [[row.id, secret]];
          }),
        );
      },

      async insert(client: AaaClient): Promise<void> {
        await handle.insertInto("aaa_client").values(toRow(client)).execute();
        await insertAddresses(client);
      },

      async update(client: AaaClient): Promise<void> {
        const { name_space_id: _, id: __, ...columns } = toRow(client);
        const { numUpdatedRows } = await handle.updateTable("aaa_client").set(columns).where(ofClient(client)).executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return;
        await deleteAddresses(client);
        await insertAddresses(client);
      },

      async delete(client: AaaClient): Promise<void> {
        const { numDeletedRows } = await handle.deleteFrom("aaa_client").where(ofClient(client)).executeTakeFirstOrThrow();
        if (numDeletedRows > 0n) await deleteAddresses(client);
      },
    };
  };

const readOrNothing = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const pageOfClients = listOf<AaaClientFilters, Selectable<AaaClientTable>>({
  table: "aaa_client",
  isShort: true,
  filtered(rows, scope, { organization, shortName, address, isActive, changedSinceMs }) {
    let clients = rows.where(within(scope, "aaa_client"));
    if (organization !== undefined) {
      clients = clients
        .where("aaa_client.name_space_id", "=", organization.namespaceId)
        .where("aaa_client.organization_id", "=", organization.id);
    }
    if (shortName !== undefined) clients = clients.where("aaa_client.short_name", "=", shortName);
    if (address !== undefined) clients = clients.where("aaa_client.address", "=", address);
    if (isActive !== undefined) clients = clients.where(sql<SqlBool>`aaa_client.is_active = ${sql.lit(isActive)}`);
    return changedSinceMs === undefined ? clients : clients.where("aaa_client.last_change", ">=", changedSinceMs);
  },
  shown: (handle) => handle.selectFrom("aaa_client").selectAll("aaa_client"),
});

const columnsOf = (client: AaaClient) => ({
  organization_id: client.organizationId,
  short_name: client.shortName,
  address: client.address,
  more_addresses: writeJson(client.moreAddresses),
  nas_identifier: client.nasIdentifier,
  description: client.description,
  coa_address: client.coaAddress,
  coa_port: client.coaPort,
  require_message_authenticator: client.requireMessageAuthenticator,
  is_active: client.isActive,
  created_at: client.createdAtMs,
  last_change: client.lastChangeMs,
  version: client.version,
});

const withoutSecret = (row: Selectable<AaaClientTable>) => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  shortName: row.short_name,
  address: row.address,
  moreAddresses: readJson<readonly string[]>(row.more_addresses),
  nasIdentifier: row.nas_identifier,
  description: row.description,
  coaAddress: row.coa_address,
  coaPort: row.coa_port,
  requireMessageAuthenticator: Boolean(row.require_message_authenticator),
  isActive: Boolean(row.is_active),
  createdAtMs: row.created_at,
  lastChangeMs: row.last_change,
  version: row.version,
});
