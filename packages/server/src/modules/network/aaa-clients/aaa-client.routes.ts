import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { AaaClientService, AaaClientStores } from "./aaa-client.service.ts";
import type { AaaClient, AaaClientFields } from "./aaa-client.ts";
import { canonicalAddress, presentAaaClient, readAaaClientBody, readAaaClientReplacement } from "./aaa-client.view.ts";
import type { ServedClients } from "./served-clients.ts";

export interface AaaClientRouteDependencies {
  readonly service: AaaClientService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<AaaClientStores>;
  readonly table: Pick<ServedClients, "resolvedOf">;
}

export const aaaClientRoutes = ({ service, directory, work, table }: AaaClientRouteDependencies): Route[] => {
  const present = (client: AaaClient) => presentAaaClient(client, table.resolvedOf(client.id));
  const answer = (client: AaaClient): Answer => ({
    body: present(client),
    etag: versionTag(String(client.id), client.version, "aaa_client"),
  });
  const changeOne = async (call: Call, id: number, fields: AaaClientFields): Promise<Answer> =>
    answer(await service.change(call.caller, call.operationId, id, fields, call.precondition));

  return [
    bind(operations.aaaClientList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const filters = {
        ...(query.short_name === undefined ? {} : { shortName: query.short_name }),
        ...(query.address === undefined ? {} : { address: canonicalAddress(query.address) }),
        ...(query.is_active === undefined ? {} : { isActive: query.is_active }),
        ...(query.last_change__gte === undefined ? {} : { changedSinceMs: parseInstant(query.last_change__gte)! }),
        ...organizationFilter(await directory.resolving([query.organization], call.caller.scope), call, query.organization),
      };
      const clients = await work.for(call.caller.scope).aaaClients.list(filters, page);
      return { body: presentPage(call.url, page, clients, present) };
    }),
    bind(operations.aaaClientCreate, async (call) => {
      const client = await service.create(call.caller, call.operationId, readAaaClientBody(call.body));
      return { ...answer(client), location: `/aaa_client/${client.id}/` };
    }),
    bind(operations.aaaClientRead, async (call) => answer(await service.get(call.caller.scope, call.params.id))),
    bind(operations.aaaClientUpdate, async (call) => changeOne(call as Call, call.params.id, readAaaClientReplacement(call.body))),
    bind(operations.aaaClientPartialUpdate, async (call) => changeOne(call as Call, call.params.id, readAaaClientBody(call.body))),
    bind(operations.aaaClientDelete, async (call) => {
      await service.remove(call.caller, call.operationId, call.params.id, call.precondition);
      return {};
    }),
  ];
};
