import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationMove } from "../../foundation/organizations/index.ts";
import { type AddressStores, clientsLosing } from "../address-grants/index.ts";
import { type AaaClientStore, aaaClientStore } from "./aaa-client.store.ts";
import { requireRoomAtShared } from "./shared-address-moves.ts";

export const aaaClientModule = {
  name: "network/aaa-clients",
  nouns: ["aaa_client"],
  stores: { aaaClients: aaaClientStore },
  refusals: { aaa_client__short_name: () => invalidField("short_name", "This short name is taken in the organization.") },
  signals: ["aaa_client"],
  deletionBlockers: [
    {
      nouns: ["AAA client", "AAA clients"],
      count: async (stores: { readonly aaaClients: AaaClientStore }, organization: Organization) =>
        (await stores.aaaClients.list({ organization }, countAlone)).count,
    },
  ],
  moveBlockers: [
    {
      nouns: ["AAA client", "AAA clients"],
      async count(tx: AddressStores, move: OrganizationMove) {
        // As every unit does that changes who may use which address.
        await tx.addressUses.lock();
        await requireRoomAtShared(tx, move);
        return clientsLosing(tx, { ...move, above: [...move.leavesBehind, ...move.arrivesBelow] });
      },
    },
  ],
} as const;
