import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { runnerOf } from "../../../storage/statements.ts";
import { within } from "../../../storage/tenant-wall.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";

/** Whose secret it is. */
export interface SecretOwner {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
}

export type ReversibleSecretStore = ReturnType<ReturnType<typeof createReversibleSecretStore>>;

const placeOf = (owner: SecretOwner): string => `reversible_secret/${owner.nameSpaceId}/${owner.id}`;

/** Passwords kept readable, sealed under the secret key; only accounts of organizations that opted in have one. */
export const createReversibleSecretStore = (secretBox: SecretBox) => (handle: Handle, scope: TenantScope | null) => {
  const seen = handle.selectFrom("user_account").select("user_account.id").where(within(scope, "user_account"));

  return {
    /** The password of an account; undefined where none is kept. */
    async find(owner: SecretOwner): Promise<string | undefined> {
      const row = await handle
        .selectFrom("reversible_secret")
        .select("secret")
        .where("name_space_id", "=", owner.nameSpaceId)
        .where("user_id", "=", owner.id)
        .where("user_id", "in", seen.where("user_account.id", "=", owner.id))
        .executeTakeFirst();
      return row && secretBox.open(row.secret, placeOf(owner));
    },

    /** Keeps a password if the account's organization keeps such; what was kept before is gone in any case. */
    async replace(owner: SecretOwner, password: string | null): Promise<void> {
      await handle
        .deleteFrom("reversible_secret")
        .where("name_space_id", "=", owner.nameSpaceId)
        .where("user_id", "=", owner.id)
        .where("user_id", "in", seen.where("user_account.id", "=", owner.id))
        .execute();
      if (password === null) return;
      await handle
        .insertInto("reversible_secret")
        .columns(["name_space_id", "user_id", "secret"])
        .expression(
          handle
            .selectFrom("user_account")
            .innerJoin("organization", (join) =>
              join
                .onRef("organization.name_space_id", "=", "user_account.name_space_id")
                .onRef("organization.id", "=", "user_account.organization_id"),
            )
            .select([
              "user_account.name_space_id",
              "user_account.id",
              sql<string>`${secretBox.seal(password, placeOf(owner))}`.as("secret"),
            ])
            .where("user_account.name_space_id", "=", owner.nameSpaceId)
            .where("user_account.id", "=", owner.id)
            .where("organization.reversible_secrets", "=", sql<boolean>`true`)
            .where(within(scope, "user_account")),
        )
        .execute();
    },

    /** Erases the secret of an account whose organization keeps none. */
    async eraseUnwanted(owner: SecretOwner): Promise<void> {
      await handle
        .deleteFrom("reversible_secret")
        .where("name_space_id", "=", owner.nameSpaceId)
        .where("user_id", "=", owner.id)
        .where(
          "user_id",
          "in",
          seen
            .innerJoin("organization", (join) =>
              join
                .onRef("organization.name_space_id", "=", "user_account.name_space_id")
                .onRef("organization.id", "=", "user_account.organization_id"),
            )
            .clearSelect()
            .select("user_account.id")
            .where("user_account.id", "=", owner.id)
            .where("organization.reversible_secrets", "=", sql<boolean>`false`),
        )
        .execute();
    },

    /** Erases the secrets of all accounts of an organization. */
    async eraseOf(organization: { readonly id: number; readonly nameSpaceId: number }): Promise<void> {
      const owners = seen
        .where("user_account.name_space_id", "=", organization.nameSpaceId)
        .where("user_account.organization_id", "=", organization.id);
      const kept = handle
        .selectFrom("reversible_secret")
        .select("user_id")
        .where("name_space_id", "=", organization.nameSpaceId)
        .where("user_id", "in", owners)
        .orderBy("user_id");
      // A deletion locks rows as it finds them; everybody locks them in the order of their accounts.
      const locked = runnerOf(handle).locking === "none" ? kept : kept.forUpdate();
      await handle
        .deleteFrom("reversible_secret")
        .where("name_space_id", "=", organization.nameSpaceId)
        .where("user_id", "in", locked)
        .execute();
    },
  };
};
