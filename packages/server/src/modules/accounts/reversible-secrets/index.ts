export { createReversibleSecretStore, type ReversibleSecretStore, type SecretOwner } from "./reversible-secret.store.ts";
export { eraseReversibleSecrets, type ReversibleSecretStores, reversibleSecretsOfAccounts } from "./reversible-secrets.ts";
