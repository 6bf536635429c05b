import type { Faults } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { OrganizationNode, OrganizationTree } from "./organization-tree.ts";

/** The organization that a body names by id or slug; a fault on the field when it is unknown, out of sight or ambiguous. */
export const readOrganizationReference = (
  tree: OrganizationTree,
  scope: TenantScope,
  reference: number | string,
  faults: Faults,
  field = "organization",
): OrganizationNode | undefined => {
  const node = tree.resolve(reference, scope);
  if (node === undefined) faults.add(field, "No such organization.");
  else if (node === "ambiguous") faults.add(field, "Several organizations have this slug. Name it by id.");
  else return node;
  return undefined;
};
