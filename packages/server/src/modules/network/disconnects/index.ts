export { clockAheadJob } from "./clock-ahead.job.ts";
export { disconnectJobs } from "./disconnect.jobs.ts";
export { disconnectRoutes } from "./disconnect.routes.ts";
export { createDisconnects, type Disconnects } from "./disconnect.service.ts";
export { createFactsReader } from "./dynamic-authorization.facts.ts";
export { createSendingPlaces } from "./dynamic-authorization.places.ts";
export { createDynamicAuthorization, type DynamicAuthorization } from "./dynamic-authorization.service.ts";
export { sessionDeadlineHandler } from "./session-deadline.handler.ts";
