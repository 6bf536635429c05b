import { DomainError } from "../../../kernel/errors.ts";
import { type OrganizationMove, payingOrganization } from "../../foundation/organizations/index.ts";
import { type AddressStores, holdersOf, storedNetwork } from "../address-grants/index.ts";
import { maxOfOneShare } from "./shared-address.ts";

/**
 * Refuses a move that would give an organization directly below the root more clients at one shared address than it may
 * make there: each client counts for who pays, and the move makes another one pay.
 */
export const requireRoomAtShared = async (stores: AddressStores, { tree, moved, organizationIds }: OrganizationMove): Promise<void> => {
  const [top] = organizationIds;
  const payer = payingOrganization(moved, top!);
  if (payer === payingOrganization(tree, top!)) return;
  for (const { address } of await stores.addressUses.listOf(organizationIds)) {
    const network = storedNetwork(address);
    if (!holdersOf(moved, await stores.addressGrants.listCovering(network)).areSharing) continue;
    const uses = await stores.addressUses.listCovering(network);
    const clients = new Set(uses.filter((use) => payingOrganization(moved, use.organizationId) === payer).map((use) => use.clientId));
    if (clients.size > maxOfOneShare) {
      throw new DomainError(
        "organization.in_use",
        `The move would bring ${clients.size} AAA clients of one organization and those below it to a shared address, which may have ${maxOfOneShare}.`,
      );
    }
  }
};
