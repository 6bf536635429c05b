import { operation } from "../operation.ts";
import { Organization, OrganizationInput, OrganizationListQuery, OrganizationPage, OrganizationPatch } from "../schemas/organization.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "organization";
const byId = idInPath("The organization's id.", 12345);
const ok = { status: 200, description: "The organization as it now stands.", schema: Organization } as const;

export const organizationList = operation({
  operationId: "organization_list",
  tag,
  method: "GET",
  path: "/organization/",
  scope: "organization:read",
  summary: "List organizations",
  description: "The token's organization and those below it, by id, narrowed by the filters given.",
  query: OrganizationListQuery,
  success: { status: 200, description: "A page of organizations.", schema: OrganizationPage },
  errors: [],
  retry: "safe",
});

export const organizationCreate = operation({
  operationId: "organization_create",
  tag,
  method: "POST",
  path: "/organization/",
  scope: "organization:write",
  summary: "Create an organization",
  description: "Creates an organization below another one. With `own_usernames` it opens a namespace for itself and all below it.",
  query: plainQuery(),
  body: OrganizationInput,
  success: { status: 201, description: "The organization that was made.", schema: Organization },
  errors: [],
  retry: "unsafe",
});

export const organizationRead = operation({
  operationId: "organization_read",
  tag,
  method: "GET",
  path: "/organization/{id}/",
  scope: "organization:read",
  summary: "Read an organization",
  description: "One organization by its id.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The organization.", schema: Organization },
  errors: ["organization.not_found"],
  retry: "safe",
});

export const organizationUpdate = operation({
  operationId: "organization_update",
  tag,
  method: "PUT",
  path: "/organization/{id}/",
  scope: "organization:write",
  summary: "Replace an organization",
  description:
    "Replaces slug, name and description, which becomes null when left out. Parent, is_active, own_usernames, reversible_secrets, min_password_length and login_rules stay when left out.",
  params: byId,
  query: plainQuery(),
  body: OrganizationInput,
  success: ok,
  errors: ["organization.not_found", "organization.in_use", "organization.above_only"],
  retry: "idempotent",
});

export const organizationPartialUpdate = operation({
  operationId: "organization_partial_update",
  tag,
  method: "PATCH",
  path: "/organization/{id}/",
  scope: "organization:write",
  summary: "Change an organization",
  description:
    "Changes the fields named. A new parent moves the organization with all below it, within its namespace. `is_active: false` suspends it with all below it. Slug and is_active of a token's own organization are changed by an organization above it alone.",
  params: byId,
  query: plainQuery(),
  body: OrganizationPatch,
  success: ok,
  errors: ["organization.not_found", "organization.in_use", "organization.above_only"],
  retry: "idempotent",
});

export const organizationDelete = operation({
  operationId: "organization_delete",
  tag,
  method: "DELETE",
  path: "/organization/{id}/",
  scope: "organization:write",
  summary: "Delete an organization",
  description:
    "Deletes an organization that holds no accounts, AAA profiles, API tokens or organizations any more. Neither the root organization nor the token's own can be deleted.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The organization is deleted." },
  errors: ["organization.not_found", "organization.in_use"],
  retry: "idempotent",
});

export const meOrganizationRead = operation({
  operationId: "me_organization_read",
  tag: "me",
  method: "GET",
  path: "/me/organization/",
  scope: "organization:read",
  summary: "Read the token's own organization",
  description: "The organization that the token belongs to: the top of everything that it sees.",
  query: plainQuery(),
  success: { status: 200, description: "The organization.", schema: Organization },
  errors: [],
  retry: "safe",
});

export const organizationOperations = [
  organizationList,
  organizationCreate,
  organizationRead,
  organizationUpdate,
  organizationPartialUpdate,
  organizationDelete,
  meOrganizationRead,
];
