import { type Selectable, sql } from "kysely";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Handle } from "../../../storage/database.ts";
import { isAnyOf, isIn, rowsListed } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import type { Tables } from "../../../storage/tables.ts";
import { inListedNamespaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import { read, readByKey } from "../../../storage/verbs.ts";
import { maxReservationMs } from "./reservation.store.ts";

/** An account as access decisions need it, read by one statement. */
export interface AccountFacts {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  /** What is read of the account later belongs to the same state of it as long as the version is this one. */
  readonly version: number;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly isActive: boolean;
  readonly expirationMs: number | null;
  readonly seconds: number | null;
  /** The account's AAA profiles, in order. */
  readonly profileIds: readonly number[];
}

/** Whose sessions are counted, and for which device, whose own are left out. */
export interface SessionQuestion {
  readonly namespaceId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly nowMs: number;
}

/**
 * The sessions and reservations of a user's other devices, the time in all of them that was not reported yet, and the balance as it
 * was at that moment: what is reported between two statements would be counted twice, or not at all.
 */
export interface CountedSessions {
  readonly live: number;
  readonly reserved: number;
  readonly unreportedMs: number;
  readonly seconds: number | null;
  /** The account's version at that moment. */
  readonly version: number;
}

/** Accounts that one name can mean: a hardware address has five spellings, and one more namespace makes a name ambiguous. */
const maxNamesakes = 20;

export type AccessFactsStore = ReturnType<ReturnType<typeof accessFactsStore>>;

export const accessFactsStore = () => (handle: Handle, scope: TenantScope | null) => ({
  /** The account of a namespace with this username key; undefined when it has none in sight. */
  async findInNamespace(namespaceId: number, usernameKey: string): Promise<AccountFacts | undefined> {
    const [row] = await readByKey(handle, factsByUsername, { namespaceId, usernameKey });
    return toAccount(seenRow(scope, row));
  },

  /** The accounts in sight that have one of these username keys, perhaps of one namespace alone; the eldest of so many are returned. */
  async findByKeys(usernameKeys: readonly string[], namespaceId?: number): Promise<AccountFacts[]> {
    let seen = accountFacts(handle)
      .where(isIn(sql.ref("user_account.username_key"), usernameKeys))
      .where(inListedNamespaces(scope, "user_account"))
      .where(within(scope, "user_account"));
    if (namespaceId !== undefined) seen = seen.where("user_account.name_space_id", "=", namespaceId);
    const rows = await seen.orderBy("date_joined").orderBy("id").limit(maxNamesakes).execute();
    return rows.map((row) => toAccount(row)!);
  },

  /** The account of an id, in sight. */
  async findById(id: number): Promise<AccountFacts | undefined> {
    const [row] = await readByKey(handle, factsById, id);
    return toAccount(seenRow(scope, row));
  },

  /** The accounts of several ids, in sight, by id: one query however many. */
  async findMany(ids: readonly number[]): Promise<ReadonlyMap<number, AccountFacts>> {
    const rows = ids.length === 0 ? [] : await read(handle, factsByIds, { ids });
    return new Map(rows.flatMap((row) => (seenRow(scope, row) ? [[row.id, toAccount(row)!]] : [])));
  },

  /** Counts what one more session of an account would stand beside; undefined where there is no such account in sight. */
  async countSessions(question: SessionQuestion): Promise<CountedSessions | undefined> {
    const { namespaceId, userId, clientId, station, nowMs } = question;
    const [row] = await readByKey(handle, sessionsBeside, { namespaceId, userId, clientId, station, nowMs });
    if (!row) throw new Error("Sessions were counted for a device whose name came back as another.");
    const { live, reserved, unreported, seconds, version, organization_id } = row;
    const isSeen = organization_id !== null && version !== null && (scope === null || sees(scope, organization_id));
    return isSeen ? { live, reserved, unreportedMs: unreported, seconds, version } : undefined;
  },
});

// Subqueries, for as joins they were measured at ten times the cost on one of the databases.
const accountFacts = (handle: Handle) =>
  handle
    .selectFrom("user_account")
    .select(["id", "name_space_id", "organization_id", "username", "username_key", "password_hash", "is_active", "expiration", "version"])
    .select((eb) => [
      eb
        .selectFrom("time_balance")
        .select("time_balance.seconds")
        .whereRef("time_balance.name_space_id", "=", "user_account.name_space_id")
        .whereRef("time_balance.user_id", "=", "user_account.id")
        .as("seconds"),
      eb
        .selectFrom("user_profile")
        .select(sql<string>`string_agg(cast(user_profile.profile_id as text), ',' order by user_profile.position)`.as("ids"))
        .whereRef("user_profile.name_space_id", "=", "user_account.name_space_id")
        .whereRef("user_profile.user_id", "=", "user_account.id")
        .as("profile_ids"),
    ]);

const factsByUsername = byKey<{ readonly namespaceId: number; readonly usernameKey: string }, FactsRow>({
  build: (handle, keys) =>
    accountFacts(handle).where(isAnyOf({ "user_account.name_space_id": "namespaceId", "user_account.username_key": "usernameKey" }, keys)),
  nameOf: ({ namespaceId, usernameKey }) => `${namespaceId}/${usernameKey}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.username_key}`,
});

const factsById = byKey<number, FactsRow>({
  build: (handle, ids) => accountFacts(handle).where(isIn(sql.ref("user_account.id"), ids)),
  nameOf: (id) => id,
  nameOfRow: (row) => row.id,
});

const factsByIds = statement<{ readonly ids: readonly number[] }, FactsRow>((handle, { ids }) =>
  accountFacts(handle).where(isIn(sql.ref("user_account.id"), ids)),
);

/** Correlated to each key in turn. */
const sessionsBeside = byKey<SessionQuestion, CountedRow>({
  build(handle, keys) {
    const wanted = rowsListed({ namespaceId: "bigint", userId: "bigint", clientId: "bigint", station: "text", nowMs: "bigint" }, keys);
    const query = sql<CountedRow>`select wanted."namespaceId" as name_space_id, wanted."userId" as user_id, wanted."clientId" as client_id, wanted."station" as station,
      (select count(*) from session
        where session.name_space_id = wanted."namespaceId" and session.user_id = wanted."userId" and session.stop_at is null
          and not (session.client_id = wanted."clientId" and session.station = wanted."station")) as live,
      (select cast(coalesce(sum(case when reported_at < wanted."nowMs" then wanted."nowMs" - reported_at else 0 end), 0) as bigint) from session
        where session.name_space_id = wanted."namespaceId" and session.user_id = wanted."userId" and session.stop_at is null) as unreported,
      (select count(*) from reservation
        where reservation.name_space_id = wanted."namespaceId" and reservation.user_id = wanted."userId" and reservation.expires_at > wanted."nowMs"
          and reservation.expires_at <= wanted."nowMs" + ${sql.lit(maxReservationMs)}
          and not (reservation.client_id = wanted."clientId" and reservation.station = wanted."station")) as reserved,
      (select time_balance.seconds from time_balance
        where time_balance.name_space_id = wanted."namespaceId" and time_balance.user_id = wanted."userId") as seconds,
      account.organization_id, account.version
      from ${wanted} as wanted
        left join user_account as account on account.name_space_id = wanted."namespaceId" and account.id = wanted."userId"`;
    return { compile: () => query.compile(handle) };
  },
  nameOf: ({ namespaceId, userId, clientId, station }) => `${namespaceId}/${userId}/${clientId}/${station}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.user_id}/${row.client_id}/${row.station}`,
});

interface CountedRow {
  readonly name_space_id: number;
  readonly user_id: number;
  readonly client_id: number;
  readonly station: string;
  readonly live: number;
  readonly unreported: number;
  readonly reserved: number;
  readonly seconds: number | null;
  /** Null where there is no such account. */
  readonly organization_id: number | null;
  readonly version: number | null;
}

type FactsRow = Pick<
  Selectable<Tables["user_account"]>,
  "id" | "name_space_id" | "organization_id" | "username" | "username_key" | "password_hash" | "is_active" | "expiration" | "version"
> & { readonly seconds: number | null; readonly profile_ids: string | null };

const toAccount = (row: FactsRow | undefined): AccountFacts | undefined =>
  row && {
    id: row.id,
    namespaceId: row.name_space_id,
    organizationId: row.organization_id,
    version: row.version,
    username: row.username,
    passwordHash: row.password_hash,
    isActive: Boolean(row.is_active),
    expirationMs: row.expiration,
    seconds: row.seconds,
    profileIds: row.profile_ids === null ? [] : row.profile_ids.split(",").map(Number),
  };
