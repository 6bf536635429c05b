import type { Alterations } from "../database.ts";

export const sqliteAlterations: Alterations = {
  /** Each change would write two more pages. Without it the rows are read through, which long reads do beside the event loop. */
  createMovingIndex: async () => {},

  /** A changed row stays in its page here, if the page has room, or else splits it. */
  leaveRoom: async () => {},
};
