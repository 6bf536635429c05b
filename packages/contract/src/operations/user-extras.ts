import { operation } from "../operation.ts";
import { idInPath } from "../schemas/path.ts";
import {
  UserExtra,
  UserExtraInput,
  UserExtraListQuery,
  UserExtraPage,
  UserExtraPatch,
  UserExtraPatchRow,
  UserExtraQuery,
} from "../schemas/user-extra.ts";

const tag = "user_extra";
const byId = idInPath("The record's id.", 125);
const read = { tag, method: "GET", scope: "user_extra:read", retry: "safe" } as const;
const write = { tag, scope: "user_extra:write", query: UserExtraQuery } as const;
const one = { status: 200, description: "The record as it now stands.", schema: UserExtra } as const;
const changing = ["user_extra.not_found", "user.not_found", "user_extra.pii_forbidden", "device.held_elsewhere"] as const;

export const userExtraList = operation({
  ...read,
  operationId: "user_extra_list",
  path: "/user_extra/",
  summary: "List extra records",
  description: "The extra records of users that the token sees, by id, narrowed by the filters given.",
  query: UserExtraListQuery,
  success: { status: 200, description: "A page of extra records.", schema: UserExtraPage },
  errors: [],
});

export const userExtraCreate = operation({
  ...write,
  operationId: "user_extra_create",
  method: "POST",
  path: "/user_extra/",
  summary: "Create a user's extra record, or several at once",
  description: "Creates the one extra record of a user, or with an array of up to 1,000 all of them or none.",
  body: UserExtraInput,
  rows: "allowed",
  success: { status: 201, description: "The record that was made.", schema: UserExtra, rows: true },
  errors: ["user.not_found", "user_extra.already_exists", "user_extra.pii_forbidden", "device.held_elsewhere"],
  retry: "unsafe",
});

export const userExtraBulkPartialUpdate = operation({
  ...write,
  operationId: "user_extra_bulk_partial_update",
  method: "PATCH",
  path: "/user_extra/",
  summary: "Change several extra records at once",
  description: "Changes all records of the array or none; each names its `id` and the fields to change.",
  body: UserExtraPatchRow,
  rows: "required",
  success: { status: 200, description: "The records as they now stand.", schema: UserExtra, rows: true },
  errors: changing,
  retry: "idempotent",
});

export const userExtraRead = operation({
  ...read,
  operationId: "user_extra_read",
  path: "/user_extra/{id}/",
  summary: "Read an extra record",
  description: "One extra record by its id; the user's inventory devices with `device_info=true`.",
  params: byId,
  query: UserExtraQuery,
  success: { status: 200, description: "The record.", schema: UserExtra },
  errors: ["user_extra.not_found"],
});

export const userExtraUpdate = operation({
  ...write,
  operationId: "user_extra_update",
  method: "PUT",
  path: "/user_extra/{id}/",
  summary: "Replace an extra record",
  description:
    "What is left out becomes null, and `{}` for preferences and custom_fields; devices stay unless `device_info` is given. The parent cannot change.",
  params: byId,
  body: UserExtraInput,
  success: one,
  errors: changing,
  retry: "idempotent",
});

export const userExtraPartialUpdate = operation({
  ...write,
  operationId: "user_extra_partial_update",
  method: "PATCH",
  path: "/user_extra/{id}/",
  summary: "Change an extra record",
  description:
    "Changes the fields named; preferences and custom_fields merge at every depth, and a null inside them is stored (as a merge patch it removes the key).",
  params: byId,
  body: UserExtraPatch,
  success: one,
  errors: changing,
  retry: "idempotent",
});

export const userExtraDelete = operation({
  ...write,
  operationId: "user_extra_delete",
  method: "DELETE",
  path: "/user_extra/{id}/",
  summary: "Delete an extra record",
  description: "Deletes the record alone; the user and the devices stay.",
  params: byId,
  success: { status: 204, description: "The record is deleted." },
  errors: ["user_extra.not_found"],
  retry: "idempotent",
});

export const userExtraOperations = [
  userExtraList,
  userExtraCreate,
  userExtraBulkPartialUpdate,
  userExtraRead,
  userExtraUpdate,
  userExtraPartialUpdate,
  userExtraDelete,
];
