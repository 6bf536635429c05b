export { changeLogHandler } from "./change-log.handler.ts";
export type { ChangeLogStore } from "./change-log.store.ts";
