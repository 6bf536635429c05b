import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization } from "../../foundation/organizations/index.ts";
import { type AaaProfileStore, aaaProfileStore } from "./aaa-profile.store.ts";

export const aaaProfileModule = {
  name: "accounts/aaa-profiles",
  nouns: ["aaa_profile"],
  stores: { aaaProfiles: aaaProfileStore },
  refusals: { aaa_profile__short_name: () => invalidField("short_name", "This short name is taken in the organization.") },
  signals: ["aaa_profile"],
  deletionBlockers: [
    {
      nouns: ["AAA profile", "AAA profiles"],
      count: async (stores: { readonly aaaProfiles: AaaProfileStore }, organization: Organization) =>
        (await stores.aaaProfiles.list({ organization }, countAlone)).count,
    },
  ],
} as const;
