import type { Image } from "../../../kernel/change.ts";
import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationDirectory, OrganizationMove } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import type { PasswordHasher } from "../passwords/index.ts";
import type { UserStores } from "./account-change.ts";
import { accountLockStore } from "./account-lock.store.ts";
import { userRoutes } from "./user.routes.ts";
import { createUserService } from "./user.service.ts";
import { userStore } from "./user.store.ts";
import { userTokenRoutes } from "./user-token.routes.ts";

/** The stores that the blockers ask. */
type Stores = Pick<UserStores, "users">;

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
  readonly passwords: { readonly hasher: PasswordHasher };
}

export const userModule = {
  name: "accounts/users",
  needs: ["organizations", "passwords"],
  nouns: ["user"],
  stores: { accountLocks: accountLockStore, users: userStore },
  refusals: {
    user_account__username: () => invalidField("username", "This username is taken."),
    user_account__external_id: () => invalidField("external_id", "Another account of the organization has this external id."),
  },
  counts: { user: (image: Image) => (image["is_active"] === true ? "user.active" : "user.inactive") },
  deletionBlockers: [
    {
      nouns: ["user", "users"],
      count: async (stores: Stores, organization: Organization) => (await stores.users.list({ organization }, countAlone)).count,
    },
  ],
  moveBlockers: [
    {
      nouns: ["user", "users"],
      count: (tx: Stores, { organizationIds, leavesBehind }: OrganizationMove) => tx.users.countUsing(organizationIds, leavesBehind),
    },
  ],
  build({ work, ids, hooks }: House<UserStores, "user">, { organizations: { directory }, passwords: { hasher } }: Needs) {
    const service = createUserService<UserStores>({ work, ids, directory, passwords: hasher, hooks: hooks.onAccount });
    return {
      service,
      routes: [...userRoutes({ service, directory, work }), ...userTokenRoutes({ service, directory, work })],
    };
  },
} as const;
