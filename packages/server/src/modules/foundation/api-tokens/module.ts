import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization } from "../organizations/index.ts";
import { type ApiTokenStore, apiTokenStore } from "./api-token.store.ts";

export const apiTokenModule = {
  name: "foundation/api-tokens",
  nouns: ["api_token"],
  stores: { apiTokens: apiTokenStore },
  signals: ["api_token"],
  deletionBlockers: [
    {
      nouns: ["API token", "API tokens"],
      count: async (stores: { readonly apiTokens: ApiTokenStore }, organization: Organization) =>
        (await stores.apiTokens.list({ organization }, countAlone)).count,
    },
  ],
} as const;
