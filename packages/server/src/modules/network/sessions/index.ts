export type { Accounting } from "./accounting.service.ts";
export type { SessionStore } from "./session.store.ts";
export { causeOf, imageOfSession, type Session, type SessionEventName } from "./session.ts";
export { type ClosingStores, closeSessions, ownersOf, sessionEventOf } from "./session-change.ts";
export type { SessionEventStore } from "./session-event.store.ts";
