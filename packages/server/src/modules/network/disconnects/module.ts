import type { StoreTools } from "../../manifest.ts";
import { createClockAheadStore } from "./clock-ahead.store.ts";
import { sessionDeadlineStoreOver } from "./session-deadline.store.ts";
import { sessionRequestStoreOver } from "./session-request.store.ts";

export const disconnectModule = {
  name: "network/disconnects",
  stores: ({ capabilities }: StoreTools) => ({
    sessionDeadlines: sessionDeadlineStoreOver(capabilities),
    clockAhead: createClockAheadStore,
    sessionRequests: sessionRequestStoreOver(capabilities),
  }),
} as const;
