export { clockAheadJob } from "./clock-ahead.job.ts";
export { createDisconnects } from "./disconnect.service.ts";
export { createFactsReader } from "./dynamic-authorization.facts.ts";
export { createSendingPlaces } from "./dynamic-authorization.places.ts";
export { createDynamicAuthorization, type DynamicAuthorization } from "./dynamic-authorization.service.ts";
