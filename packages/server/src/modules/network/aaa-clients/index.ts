export { aaaClientRoutes } from "./aaa-client.routes.ts";
export { type AaaClientService, createAaaClientService } from "./aaa-client.service.ts";
export { type AaaClientStore, aaaClientStore } from "./aaa-client.store.ts";
export { type AaaClient, addressesOf, callerOfClient, payerOfClient } from "./aaa-client.ts";
export { type ClientReports, type ClientTable, createClientTable } from "./client-table.ts";
export { createNameBook } from "./name-book.ts";
export { createNameRounds, type NameLookup, type NameRounds } from "./name-rounds.ts";
export type { ResolvedName } from "./resolved-names.ts";
