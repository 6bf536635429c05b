import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationMove } from "../../foundation/organizations/index.ts";
import { type AddressStores, grantsLosing } from "./address-grant.checks.ts";
import { type AddressGrantStore, addressGrantStore } from "./address-grant.store.ts";
import { addressUseStore } from "./address-use.store.ts";

export const addressGrantModule = {
  name: "network/address-grants",
  nouns: ["address_grant"],
  stores: { addressGrants: addressGrantStore, addressUses: addressUseStore },
  signals: ["address_grant"],
  deletionBlockers: [
    {
      nouns: ["address grant", "address grants"],
      count: async (stores: { readonly addressGrants: AddressGrantStore }, organization: Organization) =>
        (await stores.addressGrants.list({ organization }, countAlone)).count,
    },
  ],
  moveBlockers: [
    {
      nouns: ["address grant", "address grants"],
      count: (tx: AddressStores, { leavesBehind, ...move }: OrganizationMove) => grantsLosing(tx, { ...move, above: leavesBehind }),
    },
  ],
} as const;
