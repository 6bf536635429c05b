import { type Selectable, type SqlBool, sql } from "kysely";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { gathered } from "../../../storage/gathered.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { prepared } from "../../../storage/prepared.ts";
import type { UserAccountTable } from "../../../storage/tables.ts";
import { inListedNameSpaces, seenRow, within } from "../../../storage/tenant-wall.ts";

/** What the access decision needs of an account, read by one statement. */
export interface AccountFacts {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly isActive: boolean;
  readonly expirationMs: number | null;
  readonly seconds: number | null;
  /** The account's AAA profiles, in order. */
  readonly profileIds: readonly number[];
}

/** Whose sessions are counted, and for which device: the device's own are not. */
export interface SessionQuestion {
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly userId: number;
  readonly clientId: number;
  readonly station: string;
  readonly nowMs: number;
}

/** The sessions and reserved slots of a user's other devices, and the time in all of them that was not reported yet. */
export interface CountedSessions {
  readonly live: number;
  readonly reserved: number;
  readonly unreportedMs: number;
}

export type AccessFactsStore = ReturnType<typeof createAccessFactsStore>;

export const createAccessFactsStore = (handle: Handle, scope: TenantScope | null) => ({
  /** The account of a name space with this username key; undefined when it has none in sight. */
  findInNameSpace(nameSpaceId: number, usernameKey: string): AtHand<AccountFacts | undefined> {
    return whenAtHand(selectByKey(handle, { nameSpaceId, usernameKey }), ([row]) => toAccount(seenRow(scope, row)));
  },

  /** The accounts in sight that have one of these username keys; at most two are returned. */
  async findByKeys(usernameKeys: readonly string[]): Promise<AccountFacts[]> {
    const rows = await accountFacts(handle)
      .where(isIn(sql.ref("user_account.username_key"), usernameKeys))
      .where(inListedNameSpaces(scope, "user_account"))
      .where(within(scope, "user_account"))
      .limit(2)
      .execute();
    return rows.map((row) => toAccount(row)!);
  },

  /** The account of an id, in sight. */
  async findById(id: number): Promise<AccountFacts | undefined> {
    return toAccount(seenRow(scope, await accountFacts(handle).where("user_account.id", "=", id).executeTakeFirst()));
  },

  /** Counts what one more session of an account would stand beside. */
  countSessions(question: SessionQuestion): AtHand<CountedSessions> {
    if (scope !== null && !sees(scope, question.organizationId)) return { live: 0, reserved: 0, unreportedMs: 0 };
    const { nameSpaceId, userId, clientId, station, nowMs } = question;
    return whenAtHand(selectSessions(handle, nameSpaceId, userId, clientId, station, nowMs), ([row]) => ({
      live: row!.live,
      reserved: row!.reserved,
      unreportedMs: row!.unreported,
    }));
  },
});

// Subqueries, for as joins they were measured at ten times the cost on one of the databases.
const accountFacts = (handle: Handle) =>
  handle
    .selectFrom("user_account")
    .select(["id", "name_space_id", "organization_id", "username", "username_key", "password_hash", "is_active", "expiration"])
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

const selectByKey = gathered<{ readonly nameSpaceId: number; readonly usernameKey: string }, FactsRow>({
  build: (handle, keys) =>
    accountFacts(handle).where(
      isAnyOf(
        ["user_account.name_space_id", "user_account.username_key"],
        keys.map((key) => [key.nameSpaceId, key.usernameKey]),
      ),
    ),
  nameOf: ({ nameSpaceId, usernameKey }) => `${nameSpaceId}/${usernameKey}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.username_key}`,
});

const selectSessions = prepared((handle, nameSpaceId: number, userId: number, clientId: number, station: string, nowMs: number) => {
  const now = sql<number>`cast(${nowMs} as bigint)`;
  const isOther = sql<SqlBool>`not (client_id = ${clientId} and station = ${station})`;
  const live = () =>
    handle.selectFrom("session").where("name_space_id", "=", nameSpaceId).where("user_id", "=", userId).where("stop_at", "is", null);
  return handle
    .selectNoFrom([
      live().where(isOther).select(sql<number>`count(*)`.as("total")).$asScalar().as("live"),
      live()
        .select(sql<number>`cast(coalesce(sum(case when marked_at < ${now} then ${now} - marked_at else 0 end), 0) as bigint)`.as("total"))
        .$asScalar()
        .as("unreported"),
      handle
        .selectFrom("access_slot")
        .where("name_space_id", "=", nameSpaceId)
        .where("user_id", "=", userId)
        .where("expires_at", ">", nowMs)
        .where(isOther)
        .select(sql<number>`count(*)`.as("total"))
        .$asScalar()
        .as("reserved"),
    ])
    .$castTo<{ live: number; unreported: number; reserved: number }>();
});

type FactsRow = Pick<
  Selectable<UserAccountTable>,
  "id" | "name_space_id" | "organization_id" | "username" | "username_key" | "password_hash" | "is_active" | "expiration"
> & { readonly seconds: number | null; readonly profile_ids: string | null };

const toAccount = (row: FactsRow | undefined): AccountFacts | undefined =>
  row && {
    id: row.id,
    nameSpaceId: row.name_space_id,
    organizationId: row.organization_id,
    username: row.username,
    passwordHash: row.password_hash,
    isActive: Boolean(row.is_active),
    expirationMs: row.expiration,
    seconds: row.seconds,
    profileIds: row.profile_ids === null ? [] : row.profile_ids.split(",").map(Number),
  };
