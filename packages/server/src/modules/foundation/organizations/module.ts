import { invalidField } from "../../../kernel/errors.ts";
import { organizationStore } from "./organization.store.ts";

export const organizationModule = {
  name: "foundation/organizations",
  nouns: ["organization"],
  stores: { organizations: organizationStore },
  refusals: { organization__slug: () => invalidField("slug", "This slug is taken.") },
  signals: ["organization"],
} as const;
