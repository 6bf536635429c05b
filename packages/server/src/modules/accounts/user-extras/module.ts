import { DomainError } from "../../../kernel/errors.ts";
import { userExtraStore } from "./user-extra.store.ts";

export const userExtraModule = {
  name: "accounts/user-extras",
  nouns: ["user_extra"],
  stores: { userExtras: userExtraStore },
  refusals: { user_extra__parent: () => new DomainError("user_extra.already_exists", "The user already has an extra record.") },
  counts: { user_extra: () => "user_extra" },
} as const;
