import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { aaaProfileRoutes } from "./aaa-profile.routes.ts";
import { createAaaProfileService } from "./aaa-profile.service.ts";
import { type AaaProfileStore, aaaProfileStore } from "./aaa-profile.store.ts";
import type { AttributeListCheck, AttributeNaming } from "./attribute-lists.ts";
import type { SecretCheck } from "./secret-attributes.ts";

export interface Stores {
  readonly aaaProfiles: AaaProfileStore;
}

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
  readonly dictionary: {
    readonly checkAttributes: AttributeListCheck;
    readonly isSecret: SecretCheck;
    readonly nameAttribute: AttributeNaming;
  };
}

export const aaaProfileModule = {
  name: "accounts/aaa-profiles",
  needs: ["organizations", "dictionary"],
  nouns: ["aaa_profile"],
  stores: { aaaProfiles: aaaProfileStore },
  refusals: { aaa_profile__short_name: () => invalidField("short_name", "This short name is taken in the organization.") },
  signals: ["aaa_profile"],
  deletionBlockers: [
    {
      nouns: ["AAA profile", "AAA profiles"],
      count: async (stores: Stores, organization: Organization) => (await stores.aaaProfiles.list({ organization }, countAlone)).count,
    },
  ],
  build({ work, ids }: House<Stores, "aaa_profile">, { organizations: { directory }, dictionary }: Needs) {
    const { checkAttributes, isSecret, nameAttribute } = dictionary;
    const service = createAaaProfileService({ work, ids, directory, checkAttributes, isSecret, nameAttribute });
    return { routes: aaaProfileRoutes({ service, directory, work, isSecret }) };
  },
} as const;
