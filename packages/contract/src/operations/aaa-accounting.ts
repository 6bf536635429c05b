import { Type } from "typebox";
import { operation } from "../operation.ts";
import {
  AaaAccountingEventListQuery,
  AaaAccountingEventPage,
  AaaAccountingListQuery,
  AaaAccountingPage,
  AaaAccounting as AaaAccountingSchema,
  DisconnectInput,
  DisconnectRequest,
} from "../schemas/aaa-accounting.ts";
import { plainQuery } from "../schemas/page.ts";

const tag = "aaa_accounting";
const read = { tag, method: "GET", scope: "aaa_accounting:read", retry: "safe" } as const;
const bySession = Type.Object({
  radacctid: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "The session's id.", example: 12345 }),
});

export const aaaAccountingList = operation({
  ...read,
  operationId: "aaa_accounting_list",
  path: "/aaa_accounting/",
  summary: "List sessions",
  description: "The sessions that AAA clients report, by id, narrowed by the filters given. Use `cursor` to follow them all.",
  query: AaaAccountingListQuery,
  success: { status: 200, description: "A page of sessions.", schema: AaaAccountingPage },
  errors: [],
});

export const aaaAccountingRead = operation({
  ...read,
  operationId: "aaa_accounting_read",
  path: "/aaa_accounting/{radacctid}/",
  summary: "Read a session",
  description: "One session by its id.",
  params: bySession,
  query: plainQuery(),
  success: { status: 200, description: "The session.", schema: AaaAccountingSchema },
  errors: ["session.not_found"],
});

export const aaaAccountingHistoryList = operation({
  ...read,
  operationId: "aaa_accounting_history_list",
  path: "/aaa_accounting/{radacctid}/history/",
  summary: "List what happened to a session",
  description: "Requests to its client with each attempt and answer, and closings and reopenings beyond its own reports, oldest first.",
  params: bySession,
  query: AaaAccountingEventListQuery,
  success: { status: 200, description: "A page of the history.", schema: AaaAccountingEventPage },
  errors: ["session.not_found"],
});

export const aaaAccountingDisconnect = operation({
  operationId: "aaa_accounting_disconnect",
  tag,
  method: "POST",
  path: "/aaa_accounting/{radacctid}/disconnect/",
  scope: "aaa_accounting:write",
  summary: "Disconnect a session",
  description:
    "Asks the session's client to end it (Disconnect-Request, RFC 5176), within moments. The session ends when the client reports so; its history tells each attempt and answer. The body may be left out.",
  params: bySession,
  query: plainQuery(),
  body: DisconnectInput,
  bodyOptional: true,
  success: { status: 202, description: "The request is on its way.", schema: DisconnectRequest },
  errors: ["session.not_found", "session.not_active", "session.client_takes_no_requests"],
  retry: "unsafe",
});

export const aaaAccountingOperations = [aaaAccountingList, aaaAccountingRead, aaaAccountingHistoryList, aaaAccountingDisconnect];
