import { type Expression, type SqlBool, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Handle } from "../../../storage/database.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import { inListedNamespaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import { type Rows, read, readByKey } from "../../../storage/verbs.ts";
import { type AccountRow, selectAccounts, selectWithBalance, type UserRow } from "./user-row.store.ts";

/** A username as names are compared, perhaps of one organization or namespace alone. */
export interface Named {
  readonly usernameKey: string;
  readonly organizationId?: number | undefined;
  readonly namespaceId?: number | undefined;
}

/** A name within a scope. */
interface SeenName extends Named {
  readonly scope: TenantScope | null;
}

/** A name is held once in each namespace: beyond so many of these the statement stops at the second holder. */
const maxHolders = 32;

/** The accounts of a username that a scope sees, with their balances; two at most, for two are ambiguous. */
export const usersByUsername = statement<SeenName, UserRow>((handle, { scope, ...named }) =>
  selectWithBalance(handle).where(isNamed(scope, named)).limit(2),
);

/** The same without balances. Names that are asked for at the same time travel together, as ids do. */
export const selectAccountsByUsername = async (handle: Handle, scope: TenantScope | null, named: Named): Promise<AccountRow[]> => {
  const { organizationId } = named;
  const rows = await holdersOf(handle, scope, named);
  const seen = rows.filter((row) => seenRow(scope, row) && (organizationId === undefined || row.organization_id === organizationId));
  return seen.slice(0, 2);
};

/** The key tells for which name a row was asked. */
type HolderRow = AccountRow & { readonly username_key: string };
const selectHolders = (handle: Handle) => selectAccounts(handle).select("user_account.username_key");

const holdersOf = (handle: Handle, scope: TenantScope | null, named: Named): Rows<AccountRow> => {
  const { usernameKey } = named;
  if (scope?.covers === "everything" && scope.namespaceIds.length <= maxHolders) return readByKey(handle, holdersByName, usernameKey);
  const [namespaceId, another] = scope?.namespaceIds ?? [];
  if (namespaceId !== undefined && another === undefined) return readByKey(handle, holdersByPlace, { namespaceId, usernameKey });
  return read(handle, accountsByUsername, { scope, ...named });
};

const holdersByName = byKey<string, HolderRow>({
  build: (handle, keys) => selectHolders(handle).where(isIn(sql.ref("username_key"), keys)),
  table: "user_account",
  nameOf: (usernameKey) => usernameKey,
  nameOfRow: (row) => row.username_key,
});

const holdersByPlace = byKey<{ readonly namespaceId: number; readonly usernameKey: string }, HolderRow>({
  build: (handle, keys) => selectHolders(handle).where(isAnyOf({ name_space_id: "namespaceId", username_key: "usernameKey" }, keys)),
  table: "user_account",
  nameOf: ({ namespaceId, usernameKey }) => `${namespaceId}/${usernameKey}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.username_key}`,
});

const accountsByUsername = statement<SeenName, AccountRow>((handle, { scope, ...named }) =>
  selectAccounts(handle).where(isNamed(scope, named)).limit(2),
);

/** Names are compared folded, and every index begins with the namespace. */
const isNamed = (scope: TenantScope | null, { usernameKey, organizationId, namespaceId }: Named): Expression<SqlBool> => {
  const ofOrganization = organizationId === undefined ? sql`` : sql` and user_account.organization_id = ${organizationId}`;
  const ofNamespace = namespaceId === undefined ? sql`` : sql` and user_account.name_space_id = ${namespaceId}`;
  const seen = sql`${inListedNamespaces(scope, "user_account")} and ${within(scope, "user_account")}`;
  return sql<SqlBool>`user_account.username_key = ${usernameKey} and ${seen}${ofOrganization}${ofNamespace}`;
};
