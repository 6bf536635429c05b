import { countAlone } from "../../../kernel/pagination.ts";
import type { StoreTools } from "../../manifest.ts";
import type { Organization } from "../organizations/index.ts";
import { type ApiTokenStore, apiTokenStoreOver } from "./api-token.store.ts";

export const apiTokenModule = {
  name: "foundation/api-tokens",
  nouns: ["api_token"],
  stores: ({ capabilities }: StoreTools) => ({ apiTokens: apiTokenStoreOver(capabilities) }),
  signals: ["api_token"],
  deletionBlockers: [
    {
      nouns: ["API token", "API tokens"],
      count: async (stores: { readonly apiTokens: ApiTokenStore }, organization: Organization) =>
        (await stores.apiTokens.list({ organization }, countAlone)).count,
    },
  ],
} as const;
