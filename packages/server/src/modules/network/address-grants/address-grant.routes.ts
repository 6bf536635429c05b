import { operations, parseInstant, parseNetwork } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { AddressStores } from "./address-grant.checks.ts";
import type { AddressGrantService } from "./address-grant.service.ts";
import { type AddressGrant, presentAddressGrant, readAddressGrantBody } from "./address-grant.ts";

export interface AddressGrantRouteDependencies {
  readonly service: AddressGrantService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<AddressStores>;
}

const seesEverybody = (scope: TenantScope): boolean => scope.covers === "everything";

const answer = (grant: AddressGrant, scope: TenantScope): Answer => ({
  body: presentAddressGrant(grant, seesEverybody(scope)),
  etag: versionTag(String(grant.id), grant.version, "address_grant"),
});

export const addressGrantRoutes = ({ service, directory, work }: AddressGrantRouteDependencies): Route[] => [
  bind(operations.addressGrantList, async (call) => {
    const { query } = call;
    const { scope } = call.caller;
    const page = readPaging(query);
    // A dispute reveals others: for a caller who does not see them there is none.
    const wantsDisputed = query.disputed === undefined || seesEverybody(scope) ? query.disputed : undefined;
    const nothing = query.disputed === true && !seesEverybody(scope);
    const filters = {
      ...(query.network === undefined ? {} : { network: parseNetwork(query.network)?.canonical ?? query.network }),
      ...(nothing ? { network: "" } : {}),
      ...(query.shared === undefined ? {} : { isShared: query.shared }),
      ...(wantsDisputed === undefined ? {} : { isDisputed: wantsDisputed }),
      ...(query.last_change__gte === undefined ? {} : { changedSinceMs: parseInstant(query.last_change__gte)! }),
      ...organizationFilter(await directory.resolving([query.organization], scope), call, query.organization),
    };
    const grants = await work.for(scope).addressGrants.list(filters, page);
    return { body: presentPage(call.url, page, grants, (grant) => presentAddressGrant(grant, seesEverybody(scope))) };
  }),
  bind(operations.addressGrantCreate, async (call) => {
    const grant = await service.create(call.caller, call.operationId, readAddressGrantBody(call.body));
    return { ...answer(grant, call.caller.scope), location: `/address_grant/${grant.id}/` };
  }),
  bind(operations.addressGrantRead, async (call) => answer(await service.get(call.caller.scope, call.params.id), call.caller.scope)),
  bind(operations.addressGrantPartialUpdate, async (call) => {
    const { caller, operationId, precondition } = call as Call;
    const grant = await service.change(caller, operationId, call.params.id, readAddressGrantBody(call.body), precondition);
    return answer(grant, caller.scope);
  }),
  bind(operations.addressGrantDelete, async (call) => {
    await service.remove(call.caller, call.operationId, call.params.id, call.precondition);
    return {};
  }),
];
