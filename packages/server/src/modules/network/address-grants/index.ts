export { type AddressStores, clientsLosing, holdersOf, holdingOf, outsideSentence } from "./address-grant.checks.ts";
export type { AddressGrantStore } from "./address-grant.store.ts";
export type { AddressGrant } from "./address-grant.ts";
export { type Holders, type Holding, holdersAmong, mayUse } from "./address-holders.ts";
export { addressKey, storedNetwork } from "./address-key.ts";
export type { AddressUse } from "./address-use.store.ts";
export { type DisputedGrant, listDisputedGrants } from "./disputed-grants.store.ts";
