export type { AaaClientStore } from "./aaa-client.store.ts";
export { type AaaClient, addressesOf, callerOfClient, payerOfClient } from "./aaa-client.ts";
export type { NameLookup } from "./name-rounds.ts";
export type { ServedClients } from "./served-clients.ts";
