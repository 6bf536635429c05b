import { operations } from "@gatehouse-aaa/contract";
import { bind, type Route } from "../../../http/route.ts";
import type { DeviceAppService } from "./device-app.service.ts";
import { presentFields, presentUpdate, readAppUpdate } from "./device-app.view.ts";

export const deviceAppRoutes = ({ service }: { service: DeviceAppService }): Route[] => [
  bind(operations.deviceAppUserUpdateCreate, async (call) => {
    const update = readAppUpdate(call.body);
    const { user, devices, updatedFields, updatedAtMs } = await service.update(call.caller, call.operationId, update);
    return { body: update.isOlderForm ? presentUpdate(user, updatedFields, updatedAtMs) : presentFields(user, devices) };
  }),
];
