import { operations } from "@gatehouse-aaa/contract";
import { changedSince, presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, bindChecking, type Call, type Route, rowsOf } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { AccountFields } from "./account-draft.ts";
import type { AccountSelector } from "./account-selection.ts";
import type { UserService } from "./user.service.ts";
import type { UserStore } from "./user.store.ts";
import type { Account } from "./user.ts";
import { presentUser, readUserBody, readUserReplacement } from "./user.view.ts";
import { externalIdFilter } from "./user-filters.store.ts";

export interface UserRouteDependencies {
  readonly service: UserService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ users: UserStore }>;
}

const byId = (call: { params: { id: number } }): AccountSelector => ({ id: call.params.id });
const byUsername = (call: { params: { username: string }; query: { organization?: string } }): AccountSelector => ({
  username: call.params.username,
  organization: call.query.organization,
});

export const userRoutes = ({ service, directory, work }: UserRouteDependencies): Route[] => {
  const answer = async (user: Account): Promise<Answer> => {
    const tree = await directory.covering([user.organizationId]);
    // The view shows the organization's slug, which changes without the account.
    return { body: presentUser(user, tree), etag: versionTag(String(user.id), user.version, "user", tree.get(user.organizationId).slug) };
  };
  const presentAll = async (users: readonly Account[]) => {
    const tree = await directory.covering(users.map((user) => user.organizationId));
    return users.map((user) => presentUser(user, tree));
  };
  const changeOne = async (call: Call, selector: AccountSelector, fields: AccountFields): Promise<Answer> => {
    const request = { prefix: "", selector, fields, precondition: call.precondition };
    const [user] = await service.change(call.caller, call.operationId, [request], call.faults);
    return answer(user!);
  };
  const remove = async (call: Call, selector: AccountSelector): Promise<Answer> => {
    await service.remove(call.caller, call.operationId, selector, call.precondition);
    return {};
  };

  return [
    bind(operations.userList, async (call) => {
      const { query } = call;
      const tree = await directory.resolving([query.organization], call.caller.scope);
      const page = readPaging(query);
      const filters = {
        id: query.id,
        usernamePart: query.username,
        role: query.role,
        group: query.group,
        isActive: query.is_active,
        ...externalIdFilter(query.external_id),
        changedSinceMs: changedSince(query),
        ...organizationFilter(tree, call, query.organization),
      };
      const accounts = await work.for(call.caller.scope).users.listAccounts(filters, page);
      return { body: presentPage(call.url, page, { ...accounts, rows: await presentAll(accounts.rows) }) };
    }),
    bindChecking(operations.userCreate, async (call) => {
      const { rows, isArray } = rowsOf(call.body);
      const drafts = rows.map(({ prefix, body }) => ({ prefix, fields: readUserBody(body) }));
      const users = await service.create(call.caller, call.operationId, drafts, call.faults);
      if (isArray) return { body: await presentAll(users) };
      return { ...(await answer(users[0]!)), location: `/user/${users[0]!.id}/` };
    }),
    bindChecking(operations.userBulkPartialUpdate, async (call) => {
      const { rows } = rowsOf(call.body);
      // A row without a valid id is checked as far as that needs no account.
      const requests = rows.map(({ prefix, body }) => ({
        prefix,
        selector: { id: body.id ?? 0 },
        fields: readUserBody(body, call.isMergePatch),
      }));
      return { body: await presentAll(await service.change(call.caller, call.operationId, requests, call.faults)) };
    }),
    bind(operations.userRead, async (call) => answer(await service.get(call.caller.scope, byId(call)))),
    bindChecking(operations.userUpdate, (call) => changeOne(call as Call, byId(call), readUserReplacement(call.body))),
    bindChecking(operations.userPartialUpdate, (call) => changeOne(call as Call, byId(call), readUserBody(call.body, call.isMergePatch))),
    bind(operations.userDelete, (call) => remove(call as Call, byId(call))),
    bind(operations.userUsernameRead, async (call) => answer(await service.get(call.caller.scope, byUsername(call)))),
    bindChecking(operations.userUsernameUpdate, (call) => changeOne(call as Call, byUsername(call), readUserReplacement(call.body))),
    bindChecking(operations.userUsernamePartialUpdate, (call) =>
      changeOne(call as Call, byUsername(call), readUserBody(call.body, call.isMergePatch)),
    ),
    bind(operations.userUsernameDelete, (call) => remove(call as Call, byUsername(call))),
  ];
};
