import type { Image } from "../../../kernel/change.ts";
import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationMove } from "../../foundation/organizations/index.ts";
import { accountLockStore } from "./account-lock.store.ts";
import { type UserStore, userStore } from "./user.store.ts";

/** The stores that these declarations ask. */
export interface Stores {
  readonly users: UserStore;
}

export const userModule = {
  name: "accounts/users",
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
} as const;
