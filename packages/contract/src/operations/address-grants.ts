import { operation } from "../operation.ts";
import { AddressGrant, AddressGrantInput, AddressGrantListQuery, AddressGrantPage, AddressGrantPatch } from "../schemas/address-grant.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "address_grant";
const byId = idInPath("The grant's id.", 7);

export const addressGrantList = operation({
  operationId: "address_grant_list",
  tag,
  method: "GET",
  path: "/address_grant/",
  scope: "address_grant:read",
  summary: "List address grants",
  description: "The grants of the organizations in sight, by id, narrowed by the filters given.",
  query: AddressGrantListQuery,
  success: { status: 200, description: "A page of address grants.", schema: AddressGrantPage },
  errors: [],
  retry: "safe",
});

export const addressGrantCreate = operation({
  operationId: "address_grant_create",
  tag,
  method: "POST",
  path: "/address_grant/",
  scope: "address_grant:write",
  summary: "Grant addresses",
  description:
    "Gives addresses that the token's organization holds to one below it, which may grant parts of them further down. The root organization holds all that it has granted to nobody.",
  query: plainQuery(),
  body: AddressGrantInput,
  success: { status: 201, description: "The grant that was made.", schema: AddressGrant },
  errors: [],
  retry: "unsafe",
});

export const addressGrantRead = operation({
  operationId: "address_grant_read",
  tag,
  method: "GET",
  path: "/address_grant/{id}/",
  scope: "address_grant:read",
  summary: "Read an address grant",
  description: "One grant by its id.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The grant.", schema: AddressGrant },
  errors: ["address_grant.not_found"],
  retry: "safe",
});

export const addressGrantPartialUpdate = operation({
  operationId: "address_grant_partial_update",
  tag,
  method: "PATCH",
  path: "/address_grant/{id}/",
  scope: "address_grant:write",
  summary: "Change an address grant",
  description:
    "Changes whether the addresses are shared, or the description. What was granted to the token's own organization, one above changes.",
  params: byId,
  query: plainQuery(),
  body: AddressGrantPatch,
  success: { status: 200, description: "The grant as it now stands.", schema: AddressGrant },
  errors: ["address_grant.not_found", "organization.above_only"],
  retry: "idempotent",
});

export const addressGrantDelete = operation({
  operationId: "address_grant_delete",
  tag,
  method: "DELETE",
  path: "/address_grant/{id}/",
  scope: "address_grant:write",
  summary: "Take granted addresses back",
  description:
    "Deletes the grant, unless AAA clients use its addresses or parts of it are granted further down. What was granted to the token's own organization, one above takes back.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The grant is deleted." },
  errors: ["address_grant.not_found", "address_grant.in_use", "organization.above_only"],
  retry: "idempotent",
});

export const addressGrantOperations = [
  addressGrantList,
  addressGrantCreate,
  addressGrantRead,
  addressGrantPartialUpdate,
  addressGrantDelete,
];
