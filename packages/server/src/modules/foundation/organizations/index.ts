export { createOrganizationStore, imageOfOrganization, type Organization, type OrganizationStore } from "./organization.store.ts";
export { createOrganizationDirectory, type OrganizationDirectory, writeRevision } from "./organization-directory.ts";
export { organizationFilter } from "./organization-filter.ts";
export { type OrganizationNode, OrganizationTree } from "./organization-tree.ts";
