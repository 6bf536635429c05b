export { auditHandler } from "./audit.handler.ts";
export { type AuditStore, createAuditStore } from "./audit.store.ts";
