import type { Share } from "../../../kernel/fair-line.ts";
import { type OrganizationDirectory, payingOrganization } from "../../foundation/organizations/index.ts";
import { type AaaClient, payerOfClient } from "../aaa-clients/index.ts";

/** Says who pays for a packet before anybody has looked whom it means: without waiting, for every packet asks. */
export const createClientShares = (directory: OrganizationDirectory) => {
  /** By organization, as the tree had it when it was last at hand. */
  const payers = new Map<number, string>();
  return (client: AaaClient, station: string): Share => {
    const tree = directory.atHand();
    if (tree) payers.set(client.organizationId, payingOrganization(tree, client.organizationId));
    return [payers.get(client.organizationId) ?? String(client.organizationId), payerOfClient(client), station];
  };
};
