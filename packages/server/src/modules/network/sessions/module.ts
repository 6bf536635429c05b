import type { Image } from "../../../kernel/change.ts";
import type { StoreTools } from "../../manifest.ts";
import { countMovedSessions } from "./moved-session.store.ts";
import { createReportedSessionStore } from "./reported-session.store.ts";
import { sessionStoreOver } from "./session.store.ts";
import { createSessionEventStore } from "./session-event.store.ts";

export const sessionModule = {
  name: "network/sessions",
  nouns: ["session"],
  stores: ({ capabilities }: StoreTools) => ({
    sessions: sessionStoreOver(capabilities),
    reportedSessions: createReportedSessionStore,
    sessionEvents: createSessionEventStore,
  }),
  counts: { session: (image: Image) => (image["session_status"] === "active" ? "session.active" : "session.completed") },
  countFollowers: countMovedSessions,
} as const;
