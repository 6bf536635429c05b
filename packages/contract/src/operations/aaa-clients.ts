import { operation } from "../operation.ts";
import {
  AaaClient,
  AaaClientInput,
  AaaClientListQuery,
  AaaClientPage,
  AaaClientPatch,
  AaaClientReplacement,
} from "../schemas/aaa-client.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "aaa_client";
const byId = idInPath("The client's id.", 25);
const ok = { status: 200, description: "The client as it now stands.", schema: AaaClient } as const;

export const aaaClientList = operation({
  operationId: "aaa_client_list",
  tag,
  method: "GET",
  path: "/aaa_client/",
  scope: "aaa_client:read",
  summary: "List AAA clients",
  description: "The clients of the organizations in sight, by id, narrowed by the filters given.",
  query: AaaClientListQuery,
  success: { status: 200, description: "A page of AAA clients.", schema: AaaClientPage },
  errors: [],
  retry: "safe",
});

export const aaaClientCreate = operation({
  operationId: "aaa_client_create",
  tag,
  method: "POST",
  path: "/aaa_client/",
  scope: "aaa_client:write",
  summary: "Create an AAA client",
  description: "Makes network equipment known, which is served from this moment on.",
  query: plainQuery(),
  body: AaaClientInput,
  success: { status: 201, description: "The client that was made.", schema: AaaClient },
  errors: [],
  retry: "unsafe",
});

export const aaaClientRead = operation({
  operationId: "aaa_client_read",
  tag,
  method: "GET",
  path: "/aaa_client/{id}/",
  scope: "aaa_client:read",
  summary: "Read an AAA client",
  description: "One client by its id, without its secret.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The client.", schema: AaaClient },
  errors: ["aaa_client.not_found"],
  retry: "safe",
});

export const aaaClientUpdate = operation({
  operationId: "aaa_client_update",
  tag,
  method: "PUT",
  path: "/aaa_client/{id}/",
  scope: "aaa_client:write",
  summary: "Replace an AAA client",
  description:
    "Replaces the client: left out, more_addresses becomes empty, nas_identifier, description and coa_address null, coa_port 3799, require_message_authenticator and is_active true. Without a secret it keeps its own.",
  params: byId,
  query: plainQuery(),
  body: AaaClientReplacement,
  success: ok,
  errors: ["aaa_client.not_found"],
  retry: "idempotent",
});

export const aaaClientPartialUpdate = operation({
  operationId: "aaa_client_partial_update",
  tag,
  method: "PATCH",
  path: "/aaa_client/{id}/",
  scope: "aaa_client:write",
  summary: "Change an AAA client",
  description: "Changes the fields named, on every node within a second.",
  params: byId,
  query: plainQuery(),
  body: AaaClientPatch,
  success: ok,
  errors: ["aaa_client.not_found"],
  retry: "idempotent",
});

export const aaaClientDelete = operation({
  operationId: "aaa_client_delete",
  tag,
  method: "DELETE",
  path: "/aaa_client/{id}/",
  scope: "aaa_client:write",
  summary: "Delete an AAA client",
  description:
    "Deletes the client, which gets no answer from then on. Its sessions stay for the books; open ones are closed at their last update.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The client is deleted." },
  errors: ["aaa_client.not_found"],
  retry: "idempotent",
});

export const aaaClientOperations = [
  aaaClientList,
  aaaClientCreate,
  aaaClientRead,
  aaaClientUpdate,
  aaaClientPartialUpdate,
  aaaClientDelete,
];
