import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationDirectory, OrganizationMove } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { type AddressStores, grantsLosing } from "./address-grant.checks.ts";
import { addressGrantRoutes } from "./address-grant.routes.ts";
import { createAddressGrantService } from "./address-grant.service.ts";
import { type AddressGrantStore, addressGrantStore } from "./address-grant.store.ts";
import { addressUseStore } from "./address-use.store.ts";

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
}

export const addressGrantModule = {
  name: "network/address-grants",
  needs: ["organizations"],
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
  build({ work, ids, hooks }: House<AddressStores, "address_grant">, { organizations: { directory } }: Needs) {
    const changed = async (): Promise<void> => {
      for (const hook of hooks.afterGrantChange) await hook();
    };
    const service = createAddressGrantService({ work, ids, directory, changed });
    return { routes: addressGrantRoutes({ service, directory, work }) };
  },
} as const;
