export { type AddressStores, clientsLosing, grantsLosing, holdersOf, holdingOf, outsideSentence } from "./address-grant.checks.ts";
export { addressGrantRoutes } from "./address-grant.routes.ts";
export { createAddressGrantService } from "./address-grant.service.ts";
export { type AddressGrantStore, addressGrantStore } from "./address-grant.store.ts";
export type { AddressGrant } from "./address-grant.ts";
export { type Holders, type Holding, holdersAmong, mayUse } from "./address-holders.ts";
export { addressKey, storedNetwork } from "./address-key.ts";
export { type AddressUse, type AddressUseStore, addressUseStore } from "./address-use.store.ts";
export { type DisputedGrant, listDisputedGrants } from "./disputed-grants.store.ts";
