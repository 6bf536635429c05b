export { type LoginRule, ruleOfRealm } from "./login-rule.ts";
export { organizationRoutes } from "./organization.routes.ts";
export {
  createOrganizationService,
  type DeletionBlocker,
  type MoveBlocker,
  type OrganizationMove,
  type OrganizationService,
} from "./organization.service.ts";
export { type OrganizationStore, organizationStore } from "./organization.store.ts";
export { imageOfOrganization, type Organization } from "./organization.ts";
export { createOrganizationDirectory, type OrganizationDirectory } from "./organization-directory.ts";
export { organizationFilter } from "./organization-filter.ts";
export { readOrganizationReference } from "./organization-reference.ts";
export { type OrganizationNode, OrganizationTree } from "./organization-tree.ts";
export { createPayers, createPayersOf, type PayersOf, payingOrganization, shareOfCaller } from "./paying-share.ts";
