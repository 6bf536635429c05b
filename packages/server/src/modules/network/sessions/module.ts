import type { Image } from "../../../kernel/change.ts";
import type { MovedAccount } from "../../foundation/kept-counts/index.ts";
import { type MovedSessionStore, movedSessionStore } from "./moved-session.store.ts";
import { reportedSessionStore } from "./reported-session.store.ts";
import { sessionStore } from "./session.store.ts";
import { sessionEventStore } from "./session-event.store.ts";

export const sessionModule = {
  name: "network/sessions",
  nouns: ["session"],
  stores: {
    sessions: sessionStore,
    reportedSessions: reportedSessionStore,
    sessionEvents: sessionEventStore,
    movedSessions: movedSessionStore,
  },
  counts: { session: (image: Image) => (image["session_status"] === "active" ? "session.active" : "session.completed") },
  countMoved: (stores: { readonly movedSessions: MovedSessionStore }, accounts: readonly MovedAccount[]) =>
    stores.movedSessions.count(accounts),
} as const;
