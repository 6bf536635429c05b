import { DomainError } from "../../../kernel/errors.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { userExtraRoutes } from "./user-extra.routes.ts";
import { createUserExtraService } from "./user-extra.service.ts";
import { userExtraStore } from "./user-extra.store.ts";
import { extrasOfAccounts, type UserExtraWork } from "./user-extra-change.ts";

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
}

export const userExtraModule = {
  name: "accounts/user-extras",
  needs: ["organizations"],
  nouns: ["user_extra"],
  stores: { userExtras: userExtraStore },
  refusals: { user_extra__parent: () => new DomainError("user_extra.already_exists", "The user already has an extra record.") },
  counts: { user_extra: () => "user_extra" },
  build: ({ work, ids }: House<UserExtraWork, "user_extra" | "device" | "device_move">, { organizations: { directory } }: Needs) => ({
    routes: userExtraRoutes({ service: createUserExtraService({ work, ids }), directory, work }),
    onAccount: extrasOfAccounts,
  }),
} as const;
