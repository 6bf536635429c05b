export type { AaaClientStore } from "./aaa-client.store.ts";
export { type AaaClient, addressesOf, callerOfClient, payerOfClient } from "./aaa-client.ts";
export type { ClientTable } from "./client-table.ts";
export type { NameLookup } from "./name-rounds.ts";
