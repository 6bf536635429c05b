export { type ReversibleSecretStore, reversibleSecretStore, type SecretOwner } from "./reversible-secret.store.ts";
export { eraseReversibleSecrets, type ReversibleSecretStores, reversibleSecretsOfAccounts } from "./reversible-secrets.ts";
