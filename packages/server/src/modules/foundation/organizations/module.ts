import { invalidField } from "../../../kernel/errors.ts";
import { createOrganizationStore } from "./organization.store.ts";

export const organizationModule = {
  name: "foundation/organizations",
  nouns: ["organization"],
  stores: () => ({ organizations: createOrganizationStore }),
  refusals: { organization__slug: () => invalidField("slug", "This slug is taken.") },
  signals: ["organization"],
} as const;
