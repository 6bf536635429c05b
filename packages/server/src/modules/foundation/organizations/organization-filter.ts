import type { Call } from "../../../http/route.ts";
import type { OrganizationNode, OrganizationTree } from "./organization-tree.ts";

/** What a list filtered by an organization out of sight finds: nothing, in the same shape as any page. */
const nobody: OrganizationNode = { id: 0, nameSpaceId: 0, parentId: null, slug: "" };

/** The organization that a filter names; one that is unknown or out of sight finds nothing. */
export const organizationFilter = (tree: OrganizationTree, call: Pick<Call, "caller">, reference: string | undefined) => {
  if (reference === undefined) return {};
  const node = tree.resolve(reference, call.caller.scope);
  return { organization: node === undefined || node === "ambiguous" ? nobody : node };
};
