import { operation } from "../operation.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath, organizationQuery, usernameInPath } from "../schemas/path.ts";
import { User, UserInput, UserListQuery, UserPage, UserPatch, UserPatchRow } from "../schemas/user.ts";

const tag = "user";
const byId = idInPath("The account's id.");
const ok = { status: 200, description: "The account as it now stands.", schema: User } as const;
const gone = { status: 204, description: "The account is deleted." } as const;

export const userList = operation({
  operationId: "user_list",
  tag,
  method: "GET",
  path: "/user/",
  scope: "user:read",
  summary: "List accounts",
  description: "The accounts that the token sees, by id, narrowed by the filters given.",
  query: UserListQuery,
  success: { status: 200, description: "A page of accounts.", schema: UserPage },
  errors: [],
  retry: "safe",
});

export const userCreate = operation({
  operationId: "user_create",
  tag,
  method: "POST",
  path: "/user/",
  scope: "user:write",
  summary: "Create an account, or several at once",
  description: "Creates one account, or with an array of up to 1,000 all of them or none.",
  query: plainQuery(),
  body: UserInput,
  rows: "allowed",
  success: { status: 201, description: "The account that was made.", schema: User, rows: true },
  errors: [],
  retry: "unsafe",
});

export const userBulkPartialUpdate = operation({
  operationId: "user_bulk_partial_update",
  tag,
  method: "PATCH",
  path: "/user/",
  scope: "user:write",
  summary: "Change several accounts at once",
  description: "Changes all accounts of the array or none; each names its `id` and the fields to change.",
  query: plainQuery(),
  body: UserPatchRow,
  rows: "required",
  success: { status: 200, description: "The accounts as they now stand.", schema: User, rows: true },
  errors: ["user.not_found"],
  retry: "idempotent",
});

const read = {
  tag,
  method: "GET",
  scope: "user:read",
  success: { status: 200, description: "The account.", schema: User },
  retry: "safe",
} as const;
const write = { tag, scope: "user:write", success: ok, retry: "idempotent" } as const;

const replaces =
  "Replaces what this view shows: username, email, first_name, last_name, groups and aaa_profile return to their defaults when left out. Organization, is_active, password and what only `/user_token/` documents stay when left out.";
const patches = "Changes the fields named; `aaa_profile` merges key by key, lists are replaced.";
const deletes =
  "Deletes the account with its extra record and credentials. Its devices become free; its time ledger stays under a pseudonym.";

export const userRead = operation({
  ...read,
  operationId: "user_read",
  path: "/user/{id}/",
  summary: "Read an account",
  description: "One account by its id.",
  params: byId,
  query: plainQuery(),
  errors: ["user.not_found"],
});

export const userUpdate = operation({
  ...write,
  operationId: "user_update",
  method: "PUT",
  path: "/user/{id}/",
  summary: "Replace an account",
  description: replaces,
  params: byId,
  query: plainQuery(),
  body: UserInput,
  errors: ["user.not_found"],
});

export const userPartialUpdate = operation({
  ...write,
  operationId: "user_partial_update",
  method: "PATCH",
  path: "/user/{id}/",
  summary: "Change an account",
  description: patches,
  params: byId,
  query: plainQuery(),
  body: UserPatch,
  errors: ["user.not_found"],
});

export const userDelete = operation({
  ...write,
  operationId: "user_delete",
  method: "DELETE",
  path: "/user/{id}/",
  summary: "Delete an account",
  description: deletes,
  params: byId,
  query: plainQuery(),
  success: gone,
  errors: ["user.not_found"],
});

const named = { params: usernameInPath, query: organizationQuery, errors: ["user.not_found", "user.ambiguous"] } as const;

export const userUsernameRead = operation({
  ...read,
  ...named,
  operationId: "user_username_read",
  path: "/user/username/{username}/",
  summary: "Read an account by username",
  description: "One account by its username.",
});

export const userUsernameUpdate = operation({
  ...write,
  ...named,
  operationId: "user_username_update",
  method: "PUT",
  path: "/user/username/{username}/",
  summary: "Replace an account by username",
  description: `${replaces} May rename.`,
  body: UserInput,
});

export const userUsernamePartialUpdate = operation({
  ...write,
  ...named,
  operationId: "user_username_partial_update",
  method: "PATCH",
  path: "/user/username/{username}/",
  summary: "Change an account by username",
  description: `${patches} May rename.`,
  body: UserPatch,
});

export const userUsernameDelete = operation({
  ...write,
  ...named,
  operationId: "user_username_delete",
  method: "DELETE",
  path: "/user/username/{username}/",
  summary: "Delete an account by username",
  description: deletes,
  success: gone,
});

export const userOperations = [
  userList,
  userCreate,
  userBulkPartialUpdate,
  userRead,
  userUpdate,
  userPartialUpdate,
  userDelete,
  userUsernameRead,
  userUsernameUpdate,
  userUsernamePartialUpdate,
  userUsernameDelete,
];
