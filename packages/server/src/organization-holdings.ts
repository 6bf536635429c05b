import { countAlone } from "./kernel/pagination.ts";
import type { OrganizationHolding, OrganizationTie } from "./modules/foundation/organizations/index.ts";
import { clientsLosing, grantsLosing } from "./modules/network/address-grants/index.ts";
import type { Stores } from "./stores.ts";

/** What keeps an organization from being deleted. */
export const holdings: readonly OrganizationHolding<Stores>[] = [
  { nouns: ["user", "users"], count: async (stores, organization) => (await stores.users.list({ organization }, countAlone)).count },
  {
    nouns: ["AAA profile", "AAA profiles"],
    count: async (stores, organization) => (await stores.aaaProfiles.list({ organization }, countAlone)).count,
  },
  {
    nouns: ["API token", "API tokens"],
    count: async (stores, organization) => (await stores.apiTokens.list({ organization }, countAlone)).count,
  },
  {
    nouns: ["device", "devices"],
    count: async (stores, organization) => (await stores.devices.list({ organization }, countAlone)).count,
  },
  {
    nouns: ["AAA client", "AAA clients"],
    count: async (stores, organization) => (await stores.aaaClients.list({ organization }, countAlone)).count,
  },
  {
    nouns: ["address grant", "address grants"],
    count: async (stores, organization) => (await stores.addressGrants.list({ organization }, countAlone)).count,
  },
];

/** What keeps an organization from moving to where its accounts would lose what they use. */
export const ties: readonly OrganizationTie<Stores>[] = [
  {
    nouns: ["user", "users"],
    count: (tx, { organizationIds, leavesBehind }) => tx.users.countUsing(organizationIds, leavesBehind),
  },
  {
    nouns: ["AAA client", "AAA clients"],
    async count(tx, { leavesBehind, arrivesBelow, ...move }) {
      // As every unit does that changes who may use which address.
      await tx.addressUses.lock();
      return clientsLosing(tx, { ...move, above: [...leavesBehind, ...arrivesBelow] });
    },
  },
  {
    nouns: ["address grant", "address grants"],
    count: (tx, { leavesBehind, ...move }) => grantsLosing(tx, { ...move, above: leavesBehind }),
  },
];
