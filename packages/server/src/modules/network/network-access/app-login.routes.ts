import { DeviceAppUserAuthenticateData, operations } from "@gatehouse-aaa/contract";
import { bind, type Route } from "../../../http/route.ts";
import { wrappedBodyReader } from "../../../http/wrapped-body.ts";
import { presentUser } from "../../accounts/users/index.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AppLoginService } from "./app-login.service.ts";

const readBody = wrappedBodyReader(operations.deviceAppUserAuthenticateCreate, DeviceAppUserAuthenticateData);

export interface AppLoginRouteDependencies {
  readonly service: AppLoginService;
  readonly directory: OrganizationDirectory;
}

export const appLoginRoutes = ({ service, directory }: AppLoginRouteDependencies): Route[] => [
  bind(operations.deviceAppUserAuthenticateCreate, async (call) => {
    const { username, password, device_id: deviceId } = readBody(call.body).inner;
    const user = await service.authenticate(call.caller, { username, password, deviceId: deviceId ?? undefined });
    const tree = await directory.covering([user.organizationId]);
    return { body: { authenticated: true, user_id: String(user.id), ...presentUser(user, tree) } };
  }),
];
