import { reversibleSecretStore } from "./reversible-secret.store.ts";

export const reversibleSecretModule = {
  name: "accounts/reversible-secrets",
  stores: { reversibleSecrets: reversibleSecretStore },
} as const;
