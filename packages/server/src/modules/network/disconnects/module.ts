import { clockAheadStore } from "./clock-ahead.store.ts";
import { sessionDeadlineStore } from "./session-deadline.store.ts";
import { sessionRequestStore } from "./session-request.store.ts";

export const disconnectModule = {
  name: "network/disconnects",
  stores: { sessionDeadlines: sessionDeadlineStore, clockAhead: clockAheadStore, sessionRequests: sessionRequestStore },
} as const;
