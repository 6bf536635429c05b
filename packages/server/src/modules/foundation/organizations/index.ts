export { type LoginRule, ruleOfRealm } from "./login-rule.ts";
export type {
  DeletionBlocker,
  MoveBlocker,
  OrganizationHooks,
  OrganizationMove,
} from "./organization.service.ts";
export { blankOrganization, imageOfOrganization, type Organization } from "./organization.ts";
export type { OrganizationDirectory } from "./organization-directory.ts";
export { organizationFilter } from "./organization-filter.ts";
export { readOrganizationReference } from "./organization-reference.ts";
export { type OrganizationNode, OrganizationTree } from "./organization-tree.ts";
export { createPayersOf, type PayersOf, payingOrganization, shareOfCaller } from "./paying-share.ts";
