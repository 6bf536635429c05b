import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import { rowsOf } from "../../../http/rows.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { AccountFields } from "./account-draft.ts";
import type { AccountSelector } from "./account-selection.ts";
import { externalIdFilter } from "./user.filters.ts";
import type { UserService } from "./user.service.ts";
import type { UserStore } from "./user.store.ts";
import type { Account } from "./user.ts";
import { presentUser, readUserBody, readUserReplacement } from "./user.view.ts";

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

const draftsOf = (rows: readonly { prefix: string; body: Parameters<typeof readUserBody>[0] }[]) =>
  rows.map(({ prefix, body }) => ({ prefix, fields: readUserBody(body) }));

/** A row without a valid id is judged by what needs no account. */
const patchesOf = (rows: readonly { prefix: string; body: Parameters<typeof readUserBody>[0] & { id: number } }[], isMergePatch: boolean) =>
  rows.map(({ prefix, body }) => ({ prefix, selector: { id: body.id ?? 0 }, fields: readUserBody(body, isMergePatch) }));

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
    const [user] = await service.change(call.caller, call.operationId, [{ selector, fields, precondition: call.precondition }]);
    return answer(user!);
  };

  const judgeOne = (call: Pick<Call, "caller">, selector: AccountSelector, fields: AccountFields) =>
    service.findFaults(call.caller, [{ prefix: "", selector, fields }]);

  return [
    bind(operations.userList, async (call) => {
      const { query } = call;
      const tree = await directory.resolving([query.organization], call.caller.scope);
      const page = readPaging(query);
      const filters = {
        ...(query.id === undefined ? {} : { id: query.id }),
        ...(query.username === undefined ? {} : { usernamePart: query.username }),
        ...(query.role === undefined ? {} : { role: query.role }),
        ...(query.group === undefined ? {} : { group: query.group }),
        ...(query.is_active === undefined ? {} : { isActive: query.is_active }),
        ...externalIdFilter(query.external_id),
        ...(query.last_change__gte === undefined ? {} : { changedSinceMs: parseInstant(query.last_change__gte)! }),
        ...organizationFilter(tree, call, query.organization),
      };
      const found = await work.for(call.caller.scope).users.listAccounts(filters, page);
      return { body: presentPage(call.url, page, { ...found, rows: await presentAll(found.rows) }) };
    }),
    bind(
      operations.userCreate,
      async (call) => {
        const { rows, isArray } = rowsOf(call.body);
        const users = await service.create(call.caller, call.operationId, draftsOf(rows));
        if (isArray) return { body: await presentAll(users) };
        return { ...(await answer(users[0]!)), location: `/user/${users[0]!.id}/` };
      },
      (call) => service.findFaults(call.caller, draftsOf(rowsOf(call.body).rows)),
    ),
    bind(
      operations.userBulkPartialUpdate,
      async (call) => {
        const users = await service.change(call.caller, call.operationId, patchesOf(rowsOf(call.body).rows, call.isMergePatch));
        return { body: await presentAll(users) };
      },
      (call) => service.findFaults(call.caller, patchesOf(rowsOf(call.body).rows, call.isMergePatch)),
    ),
    bind(operations.userRead, async (call) => answer(await service.get(call.caller.scope, byId(call)))),
    bind(
      operations.userUpdate,
      async (call) => changeOne(call as Call, byId(call), readUserReplacement(call.body)),
      (call) => judgeOne(call, byId(call), readUserReplacement(call.body)),
    ),
    bind(
      operations.userPartialUpdate,
      async (call) => changeOne(call as Call, byId(call), readUserBody(call.body, call.isMergePatch)),
      (call) => judgeOne(call, byId(call), readUserBody(call.body, call.isMergePatch)),
    ),
    bind(operations.userDelete, async (call) => {
      await service.remove(call.caller, call.operationId, byId(call), call.precondition);
      return {};
    }),
    bind(operations.userUsernameRead, async (call) => answer(await service.get(call.caller.scope, byUsername(call)))),
    bind(
      operations.userUsernameUpdate,
      async (call) => changeOne(call as Call, byUsername(call), readUserReplacement(call.body)),
      (call) => judgeOne(call, byUsername(call), readUserReplacement(call.body)),
    ),
    bind(
      operations.userUsernamePartialUpdate,
      async (call) => changeOne(call as Call, byUsername(call), readUserBody(call.body, call.isMergePatch)),
      (call) => judgeOne(call, byUsername(call), readUserBody(call.body, call.isMergePatch)),
    ),
    bind(operations.userUsernameDelete, async (call) => {
      await service.remove(call.caller, call.operationId, byUsername(call), call.precondition);
      return {};
    }),
  ];
};
