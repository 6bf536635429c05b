export { deviceAppRoutes } from "./device-app.routes.ts";
export { createDeviceAppService, type DeviceAppService } from "./device-app.service.ts";
