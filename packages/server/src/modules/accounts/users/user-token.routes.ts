import { operations } from "@gatehouse-aaa/contract";
import { changedSince, presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, bindChecking, type Route, rowsOf } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { TimeLedgerStore } from "../time-ledger/index.ts";
import type { UserService } from "./user.service.ts";
import type { UserStore } from "./user.store.ts";
import type { Account, User } from "./user.ts";
import { presentAccount, presentLedgerEntry, presentUserToken, readUserTokenBody, readUserTokenReplacement } from "./user.view.ts";
import { externalIdFilter } from "./user-filters.store.ts";

export interface UserTokenRouteDependencies {
  readonly service: UserService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ users: UserStore; timeLedger: TimeLedgerStore }>;
}

export const userTokenRoutes = ({ service, directory, work }: UserTokenRouteDependencies): Route[] => {
  return [
    bind(operations.userTokenList, async (call) => {
      const { query } = call;
      const tree = await directory.resolving([query.organization], call.caller.scope);
      const page = readPaging(query);
      const filters = {
        username: query.username,
        klass: query.klass,
        isActive: query.is_active,
        ...externalIdFilter(query.external_id),
        changedSinceMs: changedSince(query),
        ...organizationFilter(tree, call, query.organization),
      };
      const { users } = work.for(call.caller.scope);
      return query.balance === true
        ? { body: presentPage(call.url, page, await users.list(filters, page), (user) => presentUserToken(user, { balance: true })) }
        : { body: presentPage(call.url, page, await users.listAccounts(filters, page), presentAccount) };
    }),
    bindChecking(operations.userTokenCreate, async (call) => {
      const { rows, isArray } = rowsOf(call.body);
      const drafts = rows.map(({ prefix, body }) => ({ prefix, fields: readUserTokenBody(body) }));
      const users = await service.create(call.caller, call.operationId, drafts, call.faults);
      const showsBalance = (index: number) => rows[index]!.body.user_time !== undefined;
      if (isArray) return { body: users.map((user, index) => presentUserToken(user, { balance: showsBalance(index) })) };
      const [user] = users;
      return { ...(showsBalance(0) ? answerWithBalance(user!) : answerWithout(user!)), location: `/user_token/${user!.id}/` };
    }),
    bindChecking(operations.userTokenBulkPartialUpdate, async (call) => {
      const { rows } = rowsOf(call.body);
      // A row without a valid id is checked as far as that needs no account.
      const requests = rows.map(({ prefix, body }) => ({ prefix, selector: { id: body.id ?? 0 }, fields: readUserTokenBody(body) }));
      const users = await service.change(call.caller, call.operationId, requests, call.faults);
      return { body: users.map((user) => presentUserToken(user, { balance: true })) };
    }),
    bind(operations.userTokenRead, async ({ caller: { scope }, params: { id }, query }) =>
      query.balance === true ? answerWithBalance(await service.getWithBalance(scope, id)) : answerWithout(await service.get(scope, { id })),
    ),
    bindChecking(operations.userTokenUpdate, async (call) => {
      const fields = readUserTokenReplacement(call.body);
      const request = { prefix: "", selector: { id: call.params.id }, fields, precondition: call.precondition };
      const [user] = await service.change(call.caller, call.operationId, [request], call.faults);
      return answerWithBalance(user!);
    }),
    bindChecking(operations.userTokenPartialUpdate, async (call) => {
      const fields = readUserTokenBody(call.body);
      const request = { prefix: "", selector: { id: call.params.id }, fields, precondition: call.precondition };
      const [user] = await service.change(call.caller, call.operationId, [request], call.faults);
      return answerWithBalance(user!);
    }),
    bind(operations.userTokenDelete, async (call) => {
      await service.remove(call.caller, call.operationId, { id: call.params.id }, call.precondition);
      return {};
    }),
    bind(operations.userTokenTopUp, async (call) => {
      const { seconds, reason } = call.body;
      return answerWithBalance(await service.topUp(call.caller, call.operationId, call.params.id, seconds, reason ?? null));
    }),
    bind(operations.userTokenTimeLedgerList, async (call) => {
      const user = await service.get(call.caller.scope, { id: call.params.id });
      const page = readPaging(call.query);
      const entries = await work.for(call.caller.scope).timeLedger.list(user.namespaceId, user.id, page);
      return { body: presentPage(call.url, page, entries, presentLedgerEntry) };
    }),
  ];
};

/** The tag names the balance, too: who polls the balance never gets 304 for an old one. */
const answerWithBalance = (user: User): Answer => ({
  body: presentUserToken(user, { balance: true }),
  etag: versionTag(String(user.id), user.version, "user_token", "balance", user.seconds ?? "none"),
});

const answerWithout = (user: Account): Answer => ({
  body: presentAccount(user),
  etag: versionTag(String(user.id), user.version, "user_token"),
});
