import { operations } from "@gatehouse-aaa/contract";
import { bind, type Route } from "../../../http/route.ts";
import type { FreeradiusService } from "./freeradius.service.ts";

export const freeradiusRoutes = ({ service }: { service: FreeradiusService }): Route[] => [
  bind(operations.radiusAuthorize, async (call) => ({ body: await service.authorize(call.caller, call.body) })),
  bind(operations.radiusPostAuth, async (call) => {
    await service.postAuth(call.caller, call.body, call.query.outcome ?? "accept");
    return {};
  }),
  bind(operations.radiusAccounting, async (call) => {
    await service.account(call.caller, call.body);
    return {};
  }),
  bind(operations.radiusClientRead, async (call) => ({ body: service.describeClient(call.caller, call.params.address) })),
];
