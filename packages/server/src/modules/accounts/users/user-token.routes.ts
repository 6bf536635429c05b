import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import { rowsOf } from "../../../http/rows.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { TimeLedgerStore } from "../time-ledger/index.ts";
import type { AccountFields } from "./account-draft.ts";
import { externalIdFilter } from "./user.filters.ts";
import type { UserService } from "./user.service.ts";
import type { UserStore } from "./user.store.ts";
import type { Account, User } from "./user.ts";
import { presentAccount, presentLedgerEntry, presentUserToken, readUserTokenBody, readUserTokenReplacement } from "./user-token.view.ts";

export interface UserTokenRouteDependencies {
  readonly service: UserService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ users: UserStore; timeLedger: TimeLedgerStore }>;
}

/** With the balance the tag carries it, too: who polls the balance is never told that an old one is current. */
const answerWithBalance = (user: User): Answer => ({
  body: presentUserToken(user, { balance: true }),
  etag: versionTag(String(user.id), user.version, "user_token", "balance", user.seconds ?? "none"),
});

const answerWithout = (user: Account): Answer => ({
  body: presentAccount(user),
  etag: versionTag(String(user.id), user.version, "user_token"),
});

const answer = (user: User, balance: boolean): Answer => (balance ? answerWithBalance(user) : answerWithout(user));

const draftsOf = (rows: readonly { prefix: string; body: Parameters<typeof readUserTokenBody>[0] }[]) =>
  rows.map(({ prefix, body }) => ({ prefix, fields: readUserTokenBody(body) }));

/** A row without a valid id is judged by what needs no account. */
const patchesOf = (rows: readonly { prefix: string; body: Parameters<typeof readUserTokenBody>[0] & { id: number } }[]) =>
  rows.map(({ prefix, body }) => ({ prefix, selector: { id: body.id ?? 0 }, fields: readUserTokenBody(body) }));

export const userTokenRoutes = ({ service, directory, work }: UserTokenRouteDependencies): Route[] => {
  const changeOne = async (call: Call, id: number, fields: AccountFields): Promise<Answer> => {
    const [user] = await service.change(call.caller, call.operationId, [{ selector: { id }, fields, precondition: call.precondition }]);
    return answerWithBalance(user!);
  };

  const judgeOne = (call: Pick<Call, "caller">, id: number, fields: AccountFields) =>
    service.findFaults(call.caller, [{ prefix: "", selector: { id }, fields }]);

  return [
    bind(operations.userTokenList, async (call) => {
      const { query } = call;
      const tree = await directory.resolving([query.organization], call.caller.scope);
      const page = readPaging(query);
      const filters = {
        ...(query.username === undefined ? {} : { username: query.username }),
        ...(query.klass === undefined ? {} : { klass: query.klass }),
        ...(query.is_active === undefined ? {} : { isActive: query.is_active }),
        ...externalIdFilter(query.external_id),
        ...(query.last_change__gte === undefined ? {} : { changedSinceMs: parseInstant(query.last_change__gte)! }),
        ...organizationFilter(tree, call, query.organization),
      };
      const { users } = work.for(call.caller.scope);
      return query.balance === true
        ? { body: presentPage(call.url, page, await users.list(filters, page), (user) => presentUserToken(user, { balance: true })) }
        : { body: presentPage(call.url, page, await users.listAccounts(filters, page), presentAccount) };
    }),
    bind(
      operations.userTokenCreate,
      async (call) => {
        const { rows, isArray } = rowsOf(call.body);
        const users = await service.create(call.caller, call.operationId, draftsOf(rows));
        const shows = (index: number) => rows[index]!.body.user_time !== undefined;
        if (isArray) return { body: users.map((user, index) => presentUserToken(user, { balance: shows(index) })) };
        return { ...answer(users[0]!, shows(0)), location: `/user_token/${users[0]!.id}/` };
      },
      (call) => service.findFaults(call.caller, draftsOf(rowsOf(call.body).rows)),
    ),
    bind(
      operations.userTokenBulkPartialUpdate,
      async (call) => {
        const users = await service.change(call.caller, call.operationId, patchesOf(rowsOf(call.body).rows));
        return { body: users.map((user) => presentUserToken(user, { balance: true })) };
      },
      (call) => service.findFaults(call.caller, patchesOf(rowsOf(call.body).rows)),
    ),
    bind(operations.userTokenRead, async ({ caller: { scope }, params: { id }, query }) =>
      query.balance === true ? answerWithBalance(await service.getWithBalance(scope, id)) : answerWithout(await service.get(scope, { id })),
    ),
    bind(
      operations.userTokenUpdate,
      async (call) => changeOne(call as Call, call.params.id, readUserTokenReplacement(call.body)),
      (call) => judgeOne(call, call.params.id, readUserTokenReplacement(call.body)),
    ),
    bind(
      operations.userTokenPartialUpdate,
      async (call) => changeOne(call as Call, call.params.id, readUserTokenBody(call.body)),
      (call) => judgeOne(call, call.params.id, readUserTokenBody(call.body)),
    ),
    bind(operations.userTokenDelete, async (call) => {
      await service.remove(call.caller, call.operationId, { id: call.params.id }, call.precondition);
      return {};
    }),
    bind(operations.userTokenTopUp, async (call) => {
      const { seconds, reason } = call.body;
      const user = await service.topUp(call.caller, call.operationId, call.params.id, seconds, reason ?? null);
      return answerWithBalance(user);
    }),
    bind(operations.userTokenTimeLedgerList, async (call) => {
      const user = await service.get(call.caller.scope, { id: call.params.id });
      const page = readPaging(call.query);
      const found = await work.for(call.caller.scope).timeLedger.list(user.nameSpaceId, user.id, page);
      return { body: presentPage(call.url, page, found, presentLedgerEntry) };
    }),
  ];
};
