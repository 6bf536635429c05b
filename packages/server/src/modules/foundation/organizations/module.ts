import { invalidField } from "../../../kernel/errors.ts";
import type { House } from "../../manifest.ts";
import { organizationRoutes } from "./organization.routes.ts";
import { createOrganizationService } from "./organization.service.ts";
import { type OrganizationStore, organizationStore } from "./organization.store.ts";
import { createOrganizationDirectory } from "./organization-directory.ts";
import { createPayers, createPayersOf } from "./paying-share.ts";

export const organizationModule = {
  name: "foundation/organizations",
  nouns: ["organization"],
  stores: { organizations: organizationStore },
  refusals: { organization__slug: () => invalidField("slug", "This slug is taken.") },
  signals: ["organization"],
  build(house: House<{ readonly organizations: OrganizationStore }, "organization">) {
    const { work, ids, clock, deletionBlockers, moveBlockers, hooks } = house;
    const directory = createOrganizationDirectory({ work, clock });
    const service = createOrganizationService({ work, ids, directory, deletionBlockers, moveBlockers, hooks: hooks.onOrganization });
    return {
      service: { directory, payerOf: createPayers(directory), payersOf: createPayersOf(directory) },
      routes: organizationRoutes({ service, directory, work }),
      forgets: { organization: directory.drop },
    };
  },
} as const;
