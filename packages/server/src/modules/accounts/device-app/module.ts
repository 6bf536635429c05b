import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import type { UserService } from "../users/index.ts";
import type { FindNamed } from "./device-app.identify.ts";
import { deviceAppRoutes } from "./device-app.routes.ts";
import { createDeviceAppService, type DeviceAppStores } from "./device-app.service.ts";

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
  readonly users: UserService;
  /** Whom a username means where somebody logs in with it. */
  readonly networkAccess: { readonly findNamed: FindNamed };
}

export const deviceAppModule = {
  name: "accounts/device-app",
  needs: ["organizations", "users", "networkAccess"],
  build(house: House<DeviceAppStores, "user_extra" | "device" | "device_move">, needs: Needs) {
    const { organizations, users, networkAccess } = needs;
    const { directory } = organizations;
    const service = createDeviceAppService({
      work: house.work,
      ids: house.ids,
      directory,
      users,
      findNamed: networkAccess.findNamed,
    });
    return { routes: deviceAppRoutes({ service }) };
  },
} as const;
