import { formatInstant, type Scope } from "@gatehouse-aaa/contract";
import type { Selectable } from "kysely";
import type { Image } from "../../../kernel/change.ts";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { seenRow, within } from "../../../storage/tenant-wall.ts";
import type { ApiTokenTable } from "./api-token.table.ts";

export interface ApiToken {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

export interface NewApiToken {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
  readonly tokenHash: string;
  readonly nowMs: number;
}

/** What lists of tokens are narrowed by. */
export interface ApiTokenFilters {
  readonly organization?: { readonly id: number; readonly namespaceId: number };
}

export type ApiTokenPatch = Partial<Pick<ApiToken, "name" | "scopes" | "expiresAtMs" | "revokedAtMs">>;

export type ApiTokenStore = ReturnType<ReturnType<typeof apiTokenStore>>;

const pageOfTokens = listOf<ApiTokenFilters, Selectable<ApiTokenTable>>({
  table: "api_token",
  isShort: true,
  filtered(rows, scope, { organization }) {
    const live = rows.where("api_token.revoked_at", "is", null).where(within(scope, "api_token"));
    if (organization === undefined) return live;
    return live.where("api_token.name_space_id", "=", organization.namespaceId).where("api_token.organization_id", "=", organization.id);
  },
  shown: (handle) => handle.selectFrom("api_token").selectAll("api_token"),
});

/** Tokens by scope. A revoked token is kept for the audit trail, and no method but `hasAny` shows it. */
export const apiTokenStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => {
  const live = () => handle.selectFrom("api_token").where("revoked_at", "is", null);

  return {
    async find(id: number): Promise<ApiToken | undefined> {
      const row = await live().where("id", "=", id).selectAll().executeTakeFirst();
      return toApiToken(seenRow(scope, row));
    },

    /** The token, kept from changing until the unit ends. */
    async lock(id: number): Promise<ApiToken | undefined> {
      let query = live().where("id", "=", id).selectAll();
      if (tools.capabilities.needsRowLocks) query = query.forUpdate();
      return toApiToken(seenRow(scope, await query.executeTakeFirst()));
    },

    async findByHash(tokenHash: string): Promise<ApiToken | undefined> {
      const row = await live().where("token_hash", "=", tokenHash).selectAll().executeTakeFirst();
      return toApiToken(seenRow(scope, row));
    },

    /** Whether any token was ever made, revoked ones included. */
    async hasAny(): Promise<boolean> {
      const row = await handle.selectFrom("api_token").select("id").where(within(scope, "api_token")).limit(1).executeTakeFirst();
      return row !== undefined;
    },

    async list(filters: ApiTokenFilters, page: PageRequest): Promise<Page<ApiToken>> {
      const found = await pageOfTokens(handle, { scope, filters, page });
      return readRows(found, (row) => toApiToken(row)!);
    },

    async insert(token: NewApiToken): Promise<void> {
      await handle
        .insertInto("api_token")
        .values({
          name_space_id: token.namespaceId,
          id: token.id,
          organization_id: token.organizationId,
          name: token.name,
          token_hash: token.tokenHash,
          scopes: writeJson(token.scopes),
          expires_at: token.expiresAtMs,
          revoked_at: null,
          last_used_at: null,
          created_at: token.nowMs,
          last_change: token.nowMs,
          version: 1,
        })
        .execute();
    },

    async update(token: ApiToken, patch: ApiTokenPatch, nowMs: number): Promise<ApiToken> {
      const changed = { ...token, ...patch, lastChangeMs: nowMs, version: token.version + 1 };
      await handle
        .updateTable("api_token")
        .set({
          name: changed.name,
          scopes: writeJson(changed.scopes),
          expires_at: changed.expiresAtMs,
          revoked_at: changed.revokedAtMs,
          last_change: nowMs,
          version: changed.version,
        })
        .where("name_space_id", "=", token.namespaceId)
        .where("id", "=", token.id)
        .where(within(scope, "api_token"))
        .execute();
      return changed;
    },

    /** Deletes the revoked tokens of an organization that is about to go; what they were stays in the audit trail. */
    async deleteRevoked(organization: { readonly id: number; readonly namespaceId: number }): Promise<void> {
      await handle
        .deleteFrom("api_token")
        .where("name_space_id", "=", organization.namespaceId)
        .where("organization_id", "=", organization.id)
        .where("revoked_at", "is not", null)
        .where(within(scope, "api_token"))
        .execute();
    },

    /** Notes when tokens were last used; it is no change of the token. */
    async noteUse(uses: ReadonlyMap<number, number>): Promise<void> {
      // One order for everyone: two processes that have served the same tokens wait for each other.
      for (const [id, usedAtMs] of [...uses].sort(([one], [other]) => one - other)) {
        await handle
          .updateTable("api_token")
          .set({ last_used_at: usedAtMs })
          .where("id", "=", id)
          .where(within(scope, "api_token"))
          .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", usedAtMs)]))
          .execute();
      }
    },
  };
};

const toApiToken = (row: Selectable<ApiTokenTable> | undefined): ApiToken | undefined =>
  row && {
    id: row.id,
    namespaceId: row.name_space_id,
    organizationId: row.organization_id,
    name: row.name,
    scopes: readJson<Scope[]>(row.scopes),
    expiresAtMs: row.expires_at,
    revokedAtMs: row.revoked_at,
    lastUsedAtMs: row.last_used_at,
    createdAtMs: row.created_at,
    lastChangeMs: row.last_change,
    version: row.version,
  };

/** The token as the audit trail keeps it, without anything that gives access. */
export const imageOfToken = (token: Pick<ApiToken, "organizationId" | "name" | "scopes" | "expiresAtMs">): Image => ({
  organization: token.organizationId,
  name: token.name,
  scopes: token.scopes,
  expires_at: token.expiresAtMs === null ? null : formatInstant(token.expiresAtMs),
});
