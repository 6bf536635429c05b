import { changeLogStore } from "./change-log.store.ts";

export const changeLogModule = {
  name: "foundation/change-log",
  stores: { changeLog: changeLogStore },
} as const;
