import { operations } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Route } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../organizations/index.ts";
import type { ApiTokenService } from "./api-token.service.ts";
import type { ApiToken, ApiTokenStore } from "./api-token.store.ts";
import { presentApiToken, readApiTokenBody, readApiTokenPatch } from "./api-token.view.ts";

export interface ApiTokenRouteDependencies {
  readonly service: ApiTokenService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ apiTokens: ApiTokenStore }>;
}

const tagOf = (token: ApiToken): string => versionTag(String(token.id), token.version, "api_token");

const answer = (token: ApiToken): Answer => ({ body: presentApiToken(token), etag: tagOf(token) });

export const apiTokenRoutes = ({ service, directory, work }: ApiTokenRouteDependencies): Route[] => [
  bind(operations.apiTokenList, async (call) => {
    const page = readPaging(call.query);
    const filters = organizationFilter(await directory.current(), call, call.query.organization);
    const found = await work.for(call.caller.scope).apiTokens.list(filters, page);
    return { body: presentPage(call.url, page, found, presentApiToken) };
  }),
  bind(operations.apiTokenCreate, async (call) => {
    const { token, secret } = await service.create(call.caller, call.operationId, readApiTokenBody(call.body));
    return { body: { ...presentApiToken(token), token: secret }, etag: tagOf(token), location: `/api_token/${token.id}/` };
  }),
  bind(operations.apiTokenRead, async (call) => answer(await service.get(call.caller.scope, call.params.id))),
  bind(operations.apiTokenPartialUpdate, async (call) => {
    const fields = readApiTokenPatch(call.body);
    return answer(await service.change(call.caller, call.operationId, call.params.id, fields, call.precondition));
  }),
  bind(operations.apiTokenDelete, async (call) => {
    await service.revoke(call.caller, call.operationId, call.params.id, call.precondition);
    return {};
  }),
];
