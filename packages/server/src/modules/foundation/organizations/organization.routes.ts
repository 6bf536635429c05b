import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import type { OrganizationService } from "./organization.service.ts";
import type { OrganizationStore } from "./organization.store.ts";
import type { Organization, OrganizationFields } from "./organization.ts";
import { presentOrganization, readOrganizationBody, readOrganizationReplacement } from "./organization.view.ts";
import type { OrganizationDirectory } from "./organization-directory.ts";
import { organizationFilter } from "./organization-filter.ts";

export interface OrganizationRouteDependencies {
  readonly service: OrganizationService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ organizations: OrganizationStore }>;
}

const answer = (organization: Organization): Answer => ({
  body: presentOrganization(organization),
  etag: versionTag(String(organization.id), organization.version, "organization"),
});

export const organizationRoutes = ({ service, directory, work }: OrganizationRouteDependencies): Route[] => {
  const changeOne = async (call: Call, id: number, fields: OrganizationFields): Promise<Answer> =>
    answer(await service.change(call.caller, call.operationId, id, fields, call.precondition));

  return [
    bind(operations.organizationList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const { organization: parent } = organizationFilter(await directory.current(), call, query.parent);
      const filters = {
        ...(query.id === undefined ? {} : { id: query.id }),
        ...(query.name === undefined ? {} : { namePart: query.name }),
        ...(parent === undefined ? {} : { parentId: parent.id }),
        ...(query.is_active === undefined ? {} : { isActive: query.is_active }),
        ...(query.last_change__gte === undefined ? {} : { changedSinceMs: parseInstant(query.last_change__gte)! }),
      };
      const found = await work.for(call.caller.scope).organizations.list(filters, page);
      return { body: presentPage(call.url, page, found, presentOrganization) };
    }),
    bind(operations.organizationCreate, async (call) => {
      const organization = await service.create(call.caller, call.operationId, readOrganizationBody(call.body));
      return { ...answer(organization), location: `/organization/${organization.id}/` };
    }),
    bind(operations.organizationRead, async (call) => answer(await service.get(call.caller.scope, call.params.id))),
    bind(operations.organizationUpdate, async (call) => changeOne(call as Call, call.params.id, readOrganizationReplacement(call.body))),
    bind(operations.organizationPartialUpdate, async (call) => changeOne(call as Call, call.params.id, readOrganizationBody(call.body))),
    bind(operations.organizationDelete, async (call) => {
      await service.remove(call.caller, call.operationId, call.params.id, call.precondition);
      return {};
    }),
    bind(operations.meOrganizationRead, async (call) => answer(await service.get(call.caller.scope, call.caller.scope.organizationId))),
  ];
};
