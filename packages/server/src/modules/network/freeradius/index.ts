export { freeradiusRoutes } from "./freeradius.routes.ts";
export { createFreeradiusService } from "./freeradius.service.ts";
