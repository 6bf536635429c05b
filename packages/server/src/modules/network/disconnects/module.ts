import type { StoreTools } from "../../manifest.ts";
import { sessionDeadlineStoreOver } from "./session-deadline.store.ts";
import { sessionRequestStoreOver } from "./session-request.store.ts";

export const disconnectModule = {
  name: "network/disconnects",
  stores: ({ capabilities }: StoreTools) => ({
    sessionDeadlines: sessionDeadlineStoreOver(capabilities),
    sessionRequests: sessionRequestStoreOver(capabilities),
  }),
} as const;
