import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { leavesBodyUnread } from "./body-reader.ts";
import { isUnchanged } from "./conditions.ts";
import type { LingeringClose } from "./lingering-close.ts";
import { apiBase } from "./public-address.ts";
import type { Answer } from "./route.ts";

/** What the answers of a door depend on. */
interface Sending {
  readonly isClosing: boolean;
  readonly lingering: LingeringClose;
  readonly publicUrl: string | undefined;
}

/**
 * Writes an operation's answer. Past Fastify's own way of sending, whose hooks, header maps and streams cost as much as
 * Node's writing itself; its hooks after the answer run as ever. What goes out is as its presenter made it: the suite holds
 * every answer against the operation's schema, and the runtime's own JSON took half the time of a writer compiled from
 * the schema for a list, and as much for a record.
 */
export const sendAnswer = (
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  { isClosing, lingering, publicUrl }: Sending,
): void => {
  // What it refuses is answered by Fastify, which must not have been sent past before.
  const unchanged = operation.method === "GET" && isUnchanged(request.headers, answer.etag);
  reply.hijack();
  const { raw } = reply;
  const headers = ["x-content-type-options", "nosniff", "cache-control", "private, no-cache", "vary", "Authorization"];
  if (answer.location !== undefined) headers.push("location", apiBase(request, publicUrl) + answer.location);
  if (answer.etag !== undefined) headers.push("etag", answer.etag);
  // A connection that is kept alive after its last answer would keep the process from ending, and one whose body nobody
  // reads would have to be read to its end.
  const isUnread = leavesBodyUnread(request);
  if (isClosing || isUnread) headers.push("connection", "close");
  if (isUnread) lingering.endAfterAnswer(request.raw.socket);
  if (unchanged) {
    raw.writeHead(304, headers).end();
    return;
  }
  if (answer.body === undefined) {
    raw.writeHead(operation.success.status, headers).end();
    return;
  }
  const text = JSON.stringify(answer.body);
  headers.push("content-type", "application/json; charset=utf-8", "content-length", String(Buffer.byteLength(text)));
  raw.writeHead(operation.success.status, headers).end(text);
};
