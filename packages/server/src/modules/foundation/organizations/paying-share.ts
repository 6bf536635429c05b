import { actorLabel } from "../../../kernel/actor.ts";
import type { Caller } from "../../../kernel/caller.ts";
import type { Share } from "../../../kernel/fair-line.ts";
import type { OrganizationDirectory } from "./organization-directory.ts";
import type { OrganizationTree } from "./organization-tree.ts";

/** Who pays for what an organization asks, by a tree. */
export const payingOrganization = (tree: OrganizationTree, organizationId: number): string => tree.payerOf(organizationId);

/** Says who pays for an organization without waiting: by the tree in memory, or the one that was there last. */
export const createPayers = (directory: Pick<OrganizationDirectory, "inMemory">): ((organizationId: number) => string) => {
  const payers = new Map<number, string>();
  return (organizationId) => {
    const tree = directory.inMemory();
    if (tree) payers.set(organizationId, tree.payerOf(organizationId));
    return payers.get(organizationId) ?? String(organizationId);
  };
};

/** Says who pays for organizations as the tree is now, where somebody may wait for it. */
export type PayersOf = (organizationIds: Iterable<number>) => Promise<(organizationId: number) => string>;

export const createPayersOf =
  (directory: Pick<OrganizationDirectory, "covering">): PayersOf =>
  async (organizationIds) => {
    const tree = await directory.covering(organizationIds);
    return (organizationId) => payingOrganization(tree, organizationId);
  };

/** The share of a caller: its organization's, in it the token's, in that one of this request. */
export const shareOfCaller = (tree: OrganizationTree, { scope, actor, requestId }: Caller): Share => [
  payingOrganization(tree, scope.organizationId),
  actorLabel(actor),
  requestId,
];
