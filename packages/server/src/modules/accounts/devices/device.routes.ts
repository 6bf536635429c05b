import { operations } from "@gatehouse-aaa/contract";
import { changedSince, presentPage, readPaging } from "../../../http/list-page.ts";
import { bind, type Route } from "../../../http/route.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import { type OrganizationDirectory, organizationFilter } from "../../foundation/organizations/index.ts";
import type { DeviceStores } from "./device.service.ts";
import type { Device } from "./device.ts";
import { presentDevice, presentDeviceMove } from "./device.view.ts";

export interface DeviceRouteDependencies {
  readonly directory: OrganizationDirectory;
  readonly work: Work<DeviceStores>;
}

export const deviceRoutes = ({ directory, work }: DeviceRouteDependencies): Route[] => {
  const get = async (scope: TenantScope, id: number): Promise<Device> => {
    const device = await work.for(scope).devices.find(id);
    if (!device) throw new DomainError("device.not_found", "There is no such device.");
    return device;
  };

  return [
    bind(operations.deviceList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const filters = {
        userId: query.user,
        kind: query.kind,
        identifier: query.identifier,
        changedSinceMs: changedSince(query),
        ...organizationFilter(await directory.current(), call, query.organization),
      };
      const devices = await work.for(call.caller.scope).devices.list(filters, page);
      return { body: presentPage(call.url, page, devices, presentDevice) };
    }),
    bind(operations.deviceRead, async (call) => {
      const device = await get(call.caller.scope, call.params.id);
      return { body: presentDevice(device), etag: versionTag(String(device.id), device.version, "device") };
    }),
    bind(operations.deviceHistoryList, async (call) => {
      const page = readPaging(call.query);
      const device = await get(call.caller.scope, call.params.id);
      const moves = await work.for(call.caller.scope).deviceMoves.list(device.namespaceId, device.id, page);
      return { body: presentPage(call.url, page, moves, presentDeviceMove) };
    }),
  ];
};
