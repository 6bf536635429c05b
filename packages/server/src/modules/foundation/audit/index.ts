export { auditHandler } from "./audit.handler.ts";
