import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasBody } from "./body-reader.ts";
import { isUnchanged } from "./conditions.ts";
import type { LingeringClose } from "./lingering-close.ts";
import { apiBase } from "./public-address.ts";
import type { Answer } from "./route.ts";

/** How connections end. */
export interface Connections {
  /** Whether the server is shutting down. */
  isClosing(): boolean;
  readonly lingering: LingeringClose;
}

/** The request that an answer is for. */
export interface Answered {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly publicUrl: string | undefined;
  readonly connections: Connections;
}

/**
 * Sends the answer of an operation. It bypasses Fastify's own sending, whose hooks, header maps and streams cost as much as Node's
 * writing itself; Fastify's hooks after the answer still run. The body is not checked here: the tests compare every answer with the
 * operation's schema. `JSON.stringify` takes half the time of a writer compiled from the schema for a list, and as much for a record.
 */
export const sendAnswer = (operation: Operation, { request, reply, publicUrl, connections }: Answered, answer: Answer): void => {
  // Before `hijack`: what this throws is answered by Fastify.
  const unchanged = operation.method === "GET" && isUnchanged(request.headers, answer.etag);
  reply.hijack();
  const { raw } = reply;
  const headers = ["x-content-type-options", "nosniff", "cache-control", "private, no-cache", "vary", "Authorization"];
  if (answer.location !== undefined) headers.push("location", apiBase(request, publicUrl) + answer.location);
  if (answer.etag !== undefined) headers.push("etag", answer.etag);
  // Kept alive, a connection would keep a closing process from ending, or an unread body would have to be read to its end.
  const isUnread = leavesBodyUnread(request);
  if (isUnread || connections.isClosing()) headers.push("connection", "close");
  if (isUnread) connections.lingering.endAfterAnswer(request.raw.socket);
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

/** Whether a request still sends a body that nobody reads: its connection ends with the answer. */
const leavesBodyUnread = ({ raw }: FastifyRequest): boolean => raw.complete === false && hasBody(raw);

/** Ends the connection with what Fastify sends, where the body was not read or the server is shutting down. */
export const endConnectionWith = (request: FastifyRequest, reply: FastifyReply, { isClosing, lingering }: Connections): void => {
  const isUnread = leavesBodyUnread(request);
  if (isUnread || isClosing()) reply.header("connection", "close");
  // What is on its way is taken in, so that the answer arrives.
  if (isUnread) lingering.endAfterAnswer(request.raw.socket);
};
