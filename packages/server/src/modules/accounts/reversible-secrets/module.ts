import type { StoreTools } from "../../manifest.ts";
import { createReversibleSecretStore } from "./reversible-secret.store.ts";

export const reversibleSecretModule = {
  name: "accounts/reversible-secrets",
  stores: ({ secretBox }: StoreTools) => ({ reversibleSecrets: createReversibleSecretStore(secretBox) }),
} as const;
