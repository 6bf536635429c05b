export { disconnectJobs } from "./disconnect.jobs.ts";
export { disconnectRoutes } from "./disconnect.routes.ts";
export { createDisconnects, type Disconnects } from "./disconnect.service.ts";
export { createRequestSender, type OrderPort, type RequestSender, type SendingPlace } from "./request-sender.ts";
export { type SessionDeadlineStore, sessionDeadlineStoreOver } from "./session-deadline.store.ts";
export type { ClientOrder, OrderOutcome } from "./session-order.ts";
export { type PlanHandlerDependencies, sessionPlanHandler } from "./session-plan.handler.ts";
export type { PlanningStores } from "./session-plan.ts";
export { type SessionRequestStore, sessionRequestStoreOver } from "./session-request.store.ts";
