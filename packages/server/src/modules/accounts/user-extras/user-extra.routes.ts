import { operations } from "@gatehouse-aaa/contract";
import { changedSince, presentPage, readPaging } from "../../../http/list-page.ts";
import { type Answer, bind, type Call, type Route, rowsOf } from "../../../http/route.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { Device, DeviceStores } from "../devices/index.ts";
import { seesPii, type UserExtraService } from "./user-extra.service.ts";
import type { UserExtra } from "./user-extra.ts";
import { presentUserExtra, readUserExtraPatch, readUserExtraReplacement } from "./user-extra.view.ts";
import type { UserExtraStores } from "./user-extra-change.ts";
import type { UserExtraFields } from "./user-extra-draft.rules.ts";

export interface UserExtraRouteDependencies {
  readonly service: UserExtraService;
  readonly directory: OrganizationDirectory;
  readonly work: Work<UserExtraStores & DeviceStores>;
}

/** A call, with what it may ask to be shown. */
type ShowingCall = Pick<Call, "caller"> & { readonly query: { readonly device_info?: boolean } };

export const userExtraRoutes = ({ service, directory, work }: UserExtraRouteDependencies): Route[] => {
  /** Presents records; the devices of all of them cost one query. */
  const presenter = async (call: ShowingCall, extras: readonly UserExtra[]) => {
    const inClear = seesPii(call.caller);
    if (call.query.device_info !== true) return (extra: UserExtra) => presentUserExtra(extra, { inClear });
    const parents = extras.map((extra) => ({ id: extra.parentId, namespaceId: extra.namespaceId }));
    const devices = await work.for(call.caller.scope).devices.listHeldBy(parents, ["inventory"]);
    const byParent: ReadonlyMap<number | null, Device[]> = Map.groupBy(devices, (device) => device.userId);
    return (extra: UserExtra) => presentUserExtra(extra, { inClear, devices: byParent.get(extra.parentId) ?? [] });
  };
  const answer = async (call: ShowingCall, extra: UserExtra): Promise<Answer> => ({
    body: (await presenter(call, [extra]))(extra),
    etag: versionTag(
      String(extra.id),
      extra.version,
      "user_extra",
      seesPii(call.caller) ? "clear" : "masked",
      ...(call.query.device_info === true ? ["devices"] : []),
    ),
  });
  const changeOne = async (call: ShowingCall & Pick<Call, "operationId" | "precondition">, id: number, fields: UserExtraFields) => {
    const [extra] = await service.change(call.caller, call.operationId, [{ id, prefix: "", fields, precondition: call.precondition }]);
    return answer(call, extra!);
  };

  return [
    bind(operations.userExtraList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const filters = {
        parentId: query.parent === undefined ? undefined : Number(query.parent),
        event: query.event,
        changedSinceMs: changedSince(query),
        ...organizationFilter(await directory.current(), call, query.parent__organization_id),
      };
      const extras = await work.for(call.caller.scope).userExtras.list(filters, page);
      return { body: presentPage(call.url, page, extras, await presenter(call, extras.rows)) };
    }),
    bind(operations.userExtraCreate, async (call) => {
      const { rows, isArray } = rowsOf(call.body);
      const drafts = rows.map(({ prefix, body }) => ({ prefix, fields: readUserExtraReplacement(body) }));
      const extras = await service.create(call.caller, call.operationId, drafts);
      if (isArray) return { body: extras.map(await presenter(call, extras)) };
      return { ...(await answer(call, extras[0]!)), location: `/user_extra/${extras[0]!.id}/` };
    }),
    bind(operations.userExtraBulkPartialUpdate, async (call) => {
      const { rows } = rowsOf(call.body);
      const requests = rows.map(({ prefix, body }) => ({
        prefix,
        id: body.id,
        fields: readUserExtraPatch(body, call.isMergePatch),
      }));
      const extras = await service.change(call.caller, call.operationId, requests);
      return { body: extras.map(await presenter(call, extras)) };
    }),
    bind(operations.userExtraRead, async (call) => answer(call, await service.get(call.caller.scope, call.params.id))),
    bind(operations.userExtraUpdate, async (call) => changeOne(call, call.params.id, readUserExtraReplacement(call.body))),
    bind(operations.userExtraPartialUpdate, async (call) =>
      changeOne(call, call.params.id, readUserExtraPatch(call.body, call.isMergePatch)),
    ),
    bind(operations.userExtraDelete, async (call) => {
      await service.remove(call.caller, call.operationId, call.params.id, call.precondition);
      return {};
    }),
  ];
};
