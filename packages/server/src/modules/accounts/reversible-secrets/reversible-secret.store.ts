import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { guardedBy, within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";

/** Whose secret it is. */
export interface SecretOwner {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
}

/** What is to be kept of an account's password; null keeps nothing. */
export interface KeptPassword {
  readonly owner: SecretOwner;
  readonly password: string | null;
}

export type ReversibleSecretStore = ReturnType<ReturnType<typeof reversibleSecretStore>>;

const placeOf = (owner: SecretOwner): string => `reversible_secret/${owner.namespaceId}/${owner.id}`;

/** Passwords kept readable, sealed under the secret key; only accounts of organizations that opted in have one. */
export const reversibleSecretStore = (tools: { readonly secretBox: SecretBox }) => (handle: Handle, scope: TenantScope | null) => {
  const seen = handle.selectFrom("user_account").select("user_account.id").where(within(scope, "user_account"));
  /** Those of the accounts that are in sight, by id, and whether their organizations keep passwords. */
  const placesOf = async (namespaceId: number, owners: readonly SecretOwner[]): Promise<Map<number, boolean>> => {
    const rows = await handle
      .selectFrom("user_account")
      // A subquery: as a join it may be begun from the organizations.
      .select([
        "user_account.id",
        sql<boolean>`(select reversible_secrets from organization where organization.id = user_account.organization_id)`.as("keeps"),
      ])
      .where("user_account.name_space_id", "=", namespaceId)
      .where(
        isIn(
          sql.ref("user_account.id"),
          owners.map(({ id }) => id),
        ),
      )
      .where(guardedBy(scope, "user_account"))
      .execute();
    return new Map(rows.map(({ id, keeps }) => [id, Boolean(keeps)]));
  };
  const erase = async (namespaceId: number, userIds: readonly number[]): Promise<void> => {
    if (userIds.length === 0) return;
    const kept = handle
      .selectFrom("reversible_secret")
      .select("user_id")
      .where("name_space_id", "=", namespaceId)
      .where(isIn(sql.ref("user_id"), userIds))
      .orderBy("user_id");
    await handle
      .deleteFrom("reversible_secret")
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "in", inLockingOrder(kept))
      .execute();
  };
  /** A deletion locks rows as it finds them; everybody locks them in the order of their accounts. */
  const inLockingOrder = <Query extends { forUpdate(): Query }>(kept: Query): Query =>
    runnerOf(handle).locking === "none" ? kept : kept.forUpdate();

  return {
    /** The password of an account; undefined where none is kept. */
    async find(owner: SecretOwner): Promise<string | undefined> {
      const row = await handle
        .selectFrom("reversible_secret")
        .select("secret")
        .where("name_space_id", "=", owner.namespaceId)
        .where("user_id", "=", owner.id)
        .where("user_id", "in", seen.where("user_account.id", "=", owner.id))
        .executeTakeFirst();
      return row && tools.secretBox.open(row.secret, placeOf(owner));
    },

    /** Keeps passwords where the accounts' organizations keep such; what was kept of these accounts before is gone in any case. */
    async replace(passwords: readonly KeptPassword[]): Promise<void> {
      for (const [namespaceId, group] of Map.groupBy(passwords, ({ owner }) => owner.namespaceId)) {
        const owners = group.map(({ owner }) => owner);
        const places = await placesOf(namespaceId, owners);
        await erase(namespaceId, [...places.keys()]);
        const kept = group.flatMap(({ owner, password }) =>
          password !== null && places.get(owner.id)
            ? [{ name_space_id: namespaceId, user_id: owner.id, secret: tools.secretBox.seal(password, placeOf(owner)) }]
            : [],
        );
        await write(handle, { insertInto: "reversible_secret", rows: kept });
      }
    },

    /** Erases the secrets of those accounts whose organizations keep none. */
    async eraseUnwanted(accounts: readonly SecretOwner[]): Promise<void> {
      for (const [namespaceId, owners] of Map.groupBy(accounts, (owner) => owner.namespaceId)) {
        const places = await placesOf(namespaceId, owners);
        await erase(
          namespaceId,
          [...places].flatMap(([id, keeps]) => (keeps ? [] : [id])),
        );
      }
    },

    /** Erases the secrets of all accounts of an organization. */
    async eraseOf(organization: { readonly id: number; readonly namespaceId: number }): Promise<void> {
      const owners = seen
        .where("user_account.name_space_id", "=", organization.namespaceId)
        .where("user_account.organization_id", "=", organization.id);
      const kept = handle
        .selectFrom("reversible_secret")
        .select("user_id")
        .where("name_space_id", "=", organization.namespaceId)
        .where("user_id", "in", owners)
        .orderBy("user_id");
      await handle
        .deleteFrom("reversible_secret")
        .where("name_space_id", "=", organization.namespaceId)
        .where("user_id", "in", inLockingOrder(kept))
        .execute();
    },
  };
};
