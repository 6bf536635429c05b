import { changeLogHandler } from "./change-log.handler.ts";
import { changeLogStore } from "./change-log.store.ts";

export const changeLogModule = {
  name: "foundation/change-log",
  stores: { changeLog: changeLogStore },
  build: () => ({ changeHandler: changeLogHandler }),
} as const;
