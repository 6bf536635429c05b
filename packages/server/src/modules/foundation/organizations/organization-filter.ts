import type { Call } from "../../../http/route.ts";
import { invalidField } from "../../../kernel/errors.ts";
import type { OrganizationNode, OrganizationTree } from "./organization-tree.ts";

/**
 * Stands for an organization that is unknown or out of sight, so that a list filtered by it is an empty page like any other. Its ids are
 * no record's, and not 0: kept counts have whole namespaces and the whole installation there.
 */
const nobody: OrganizationNode = {
  id: -1,
  namespaceId: -1,
  parentId: null,
  slug: "",
  isActive: false,
  reversibleSecrets: false,
  minPasswordLength: null,
  loginRules: [],
  version: 0,
};

/** The organization that a filter names; one that is unknown or out of sight finds nothing, and a slug of several is refused. */
export const organizationFilter = (
  tree: OrganizationTree,
  call: Pick<Call, "caller">,
  reference: string | undefined,
  field = "organization",
) => {
  if (reference === undefined) return {};
  const node = tree.resolve(reference, call.caller.scope);
  if (node === "ambiguous") throw invalidField(field, "Several organizations have this slug. Name it by id.");
  return { organization: node ?? nobody };
};
