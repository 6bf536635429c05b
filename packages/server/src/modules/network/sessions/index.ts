export { type Accounting, createAccounting } from "./accounting.service.ts";
export { createSessionOwners } from "./find-owner.stage.ts";
export { reservationJob, staleSessionJob } from "./session.jobs.ts";
export { sessionRoutes } from "./session.routes.ts";
export type { SessionStore } from "./session.store.ts";
export { causeOf, imageOfSession, type Session, type SessionEventName } from "./session.ts";
export { type ClosingStores, closeSessions, ownersOf, sessionEventOf } from "./session-change.ts";
export type { SessionEventStore } from "./session-event.store.ts";
export { sessionsOfAccounts } from "./sessions-of-accounts.ts";
