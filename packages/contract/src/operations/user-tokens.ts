import { operation } from "../operation.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";
import {
  TimeLedgerPage,
  TimeLedgerQuery,
  TopUpInput,
  UserToken,
  UserTokenInput,
  UserTokenListQuery,
  UserTokenPage,
  UserTokenPatch,
  UserTokenPatchRow,
  UserTokenQuery,
} from "../schemas/user-token.ts";

const tag = "user_token";
const byId = idInPath("The account's id.", 1);
const ok = { status: 200, description: "The account as it now stands.", schema: UserToken } as const;

export const userTokenList = operation({
  operationId: "user_token_list",
  tag,
  method: "GET",
  path: "/user_token/",
  scope: "user_token:read",
  summary: "List accounts with their time credit",
  description: "The accounts that the token sees, by id, narrowed by the filters given.",
  query: UserTokenListQuery,
  success: { status: 200, description: "A page of accounts.", schema: UserTokenPage },
  errors: [],
  retry: "safe",
});

export const userTokenCreate = operation({
  operationId: "user_token_create",
  tag,
  method: "POST",
  path: "/user_token/",
  scope: "user_token:write",
  summary: "Create an account, or several at once",
  description: "Creates one account, or with an array of up to 1,000 all of them or none. `user_time` opens its time ledger.",
  query: plainQuery(),
  body: UserTokenInput,
  rows: "allowed",
  success: { status: 201, description: "The account that was made.", schema: UserToken, rows: true },
  errors: [],
  retry: "unsafe",
});

export const userTokenBulkPartialUpdate = operation({
  operationId: "user_token_bulk_partial_update",
  tag,
  method: "PATCH",
  path: "/user_token/",
  scope: "user_token:write",
  summary: "Change several accounts at once",
  description: "Changes all accounts of the array or none; each names its `id` and the fields to change.",
  query: plainQuery(),
  body: UserTokenPatchRow,
  rows: "required",
  success: { status: 200, description: "The accounts as they now stand.", schema: UserToken, rows: true },
  errors: ["user.not_found"],
  retry: "idempotent",
});

export const userTokenRead = operation({
  operationId: "user_token_read",
  tag,
  method: "GET",
  path: "/user_token/{id}/",
  scope: "user_token:read",
  summary: "Read an account with its time credit",
  description: "One account by its id; the balance with `balance=true`.",
  params: byId,
  query: UserTokenQuery,
  success: { status: 200, description: "The account.", schema: UserToken },
  errors: ["user.not_found"],
  retry: "safe",
});

export const userTokenUpdate = operation({
  operationId: "user_token_update",
  tag,
  method: "PUT",
  path: "/user_token/{id}/",
  scope: "user_token:write",
  summary: "Replace an account",
  description:
    "Replaces what this view shows: username, email, first_name, last_name, external_id, klass, description, avatar_url, expiration and profile return to their defaults when left out. Organization, is_active, password and `user_time` stay when left out.",
  params: byId,
  query: UserTokenQuery,
  body: UserTokenInput,
  success: ok,
  errors: ["user.not_found"],
  retry: "idempotent",
});

export const userTokenPartialUpdate = operation({
  operationId: "user_token_partial_update",
  tag,
  method: "PATCH",
  path: "/user_token/{id}/",
  scope: "user_token:write",
  summary: "Change an account",
  description: "Changes the fields named. `user_time` sets the balance absolutely and is a row of the time ledger.",
  params: byId,
  query: UserTokenQuery,
  body: UserTokenPatch,
  success: ok,
  errors: ["user.not_found"],
  retry: "idempotent",
});

export const userTokenDelete = operation({
  operationId: "user_token_delete",
  tag,
  method: "DELETE",
  path: "/user_token/{id}/",
  scope: "user_token:write",
  summary: "Delete an account",
  description:
    "Deletes the account with its extra record and credentials. Its devices become free; its time ledger stays under a pseudonym.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The account is deleted." },
  errors: ["user.not_found"],
  retry: "idempotent",
});

export const userTokenTopUp = operation({
  operationId: "user_token_top_up",
  tag,
  method: "POST",
  path: "/user_token/{id}/top_up/",
  scope: "user_token:write",
  summary: "Add time to an account",
  description: "Adds seconds to the balance, or takes them away when negative. Concurrent changes never lose one another.",
  params: byId,
  query: plainQuery(),
  body: TopUpInput,
  success: { status: 200, description: "The account with its new balance.", schema: UserToken },
  errors: ["user.not_found", "time_ledger.not_metered", "time_ledger.insufficient", "time_ledger.too_large"],
  retry: "unsafe",
});

export const userTokenTimeLedgerList = operation({
  operationId: "user_token_time_ledger_list",
  tag,
  method: "GET",
  path: "/user_token/{id}/time_ledger/",
  scope: "user_token:read",
  summary: "List an account's time ledger",
  description: "Every change of the account's balance, oldest first. The deltas add up to the balance.",
  params: byId,
  query: TimeLedgerQuery,
  success: { status: 200, description: "A page of the ledger.", schema: TimeLedgerPage },
  errors: ["user.not_found"],
  retry: "safe",
});

export const userTokenOperations = [
  userTokenList,
  userTokenCreate,
  userTokenBulkPartialUpdate,
  userTokenRead,
  userTokenUpdate,
  userTokenPartialUpdate,
  userTokenDelete,
  userTokenTopUp,
  userTokenTimeLedgerList,
];
