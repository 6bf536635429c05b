export type { ReversibleSecretStore, SecretOwner } from "./reversible-secret.store.ts";
