import { grants, operations } from "@gatehouse-aaa/contract";
import { changedSince, presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Call, type Route } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { AaaProfileService } from "./aaa-profile.service.ts";
import type { AaaProfileStore } from "./aaa-profile.store.ts";
import type { AaaProfile, AaaProfileFields } from "./aaa-profile.ts";
import { presentAaaProfile, readAaaProfileBody, readAaaProfileReplacement } from "./aaa-profile.view.ts";
import type { SecretCheck } from "./secret-attributes.ts";

export interface AaaProfileRouteDependencies {
  readonly service: AaaProfileService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<{ aaaProfiles: AaaProfileStore }>;
  readonly isSecret: SecretCheck;
}

const nothing: SecretCheck = () => false;

export const aaaProfileRoutes = ({ service, directory, work, isSecret }: AaaProfileRouteDependencies): Route[] => {
  // A caller who may write a profile sees its secrets; one who may only read it does not.
  const masksFor = (call: Pick<Call, "caller">): SecretCheck => (grants(call.caller.scopes, "aaa_profile:write") ? nothing : isSecret);
  const answer = (call: Pick<Call, "caller">, profile: AaaProfile): Answer => ({
    body: presentAaaProfile(profile, masksFor(call)),
    etag: versionTag(String(profile.id), profile.version, "aaa_profile"),
  });
  const changeOne = async (call: Call, id: number, fields: AaaProfileFields): Promise<Answer> =>
    answer(call, await service.change(call.caller, call.operationId, id, fields, call.precondition));

  return [
    bind(operations.aaaProfileList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const filters = {
        shortName: query.short_name,
        changedSinceMs: changedSince(query),
        ...organizationFilter(await directory.current(), call, query.organization),
      };
      const profiles = await work.for(call.caller.scope).aaaProfiles.list(filters, page);
      return { body: presentPage(call.url, page, profiles, (profile) => presentAaaProfile(profile, masksFor(call))) };
    }),
    bind(operations.aaaProfileCreate, async (call) => {
      const profile = await service.create(call.caller, call.operationId, readAaaProfileBody(call.body));
      return { ...answer(call, profile), location: `/aaa_profile/${profile.id}/` };
    }),
    bind(operations.aaaProfileRead, async (call) => answer(call, await service.get(call.caller.scope, call.params.id))),
    bind(operations.aaaProfileUpdate, async (call) => changeOne(call as Call, call.params.id, readAaaProfileReplacement(call.body))),
    bind(operations.aaaProfilePartialUpdate, async (call) => changeOne(call as Call, call.params.id, readAaaProfileBody(call.body))),
    bind(operations.aaaProfileDelete, async (call) => {
      await service.remove(call.caller, call.operationId, call.params.id, call.precondition);
      return {};
    }),
  ];
};
