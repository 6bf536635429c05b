import { reversibleSecretStore } from "./reversible-secret.store.ts";
import { eraseReversibleSecrets, reversibleSecretsOfAccounts } from "./reversible-secrets.ts";

export const reversibleSecretModule = {
  name: "accounts/reversible-secrets",
  stores: { reversibleSecrets: reversibleSecretStore },
  build: () => ({ onOrganization: { onSettingsChange: eraseReversibleSecrets }, onAccount: reversibleSecretsOfAccounts }),
} as const;
