import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Caller } from "../kernel/caller.ts";
import { DomainError, type FieldFaults, invalidFields } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/precondition.ts";
import { type Authenticate, requireCaller } from "./authentication.ts";
import { bodyLimit, hasBody } from "./body-reader.ts";
import { isUnchanged, readPrecondition } from "./conditions.ts";
import type { LingeringClose } from "./lingering-close.ts";
import { type Address, addressOf, apiBase, publicBase } from "./public-address.ts";
import type { Answer, Call, Route } from "./route.ts";
import type { AtEndOfTick } from "./tick.ts";
import { bodyCheck, paramsReader, queryReader, withoutFaulty } from "./validation.ts";

/** What all operations of a server share. */
export interface OperationContext {
  readonly authenticate: Authenticate;
  readonly publicUrl: string | undefined;
  readonly atEndOfTick: AtEndOfTick;
  readonly connections: Connections;
}

/** Registers one operation: authentication and permission before the body is read, then validation, the handler, the answer. */
export const registerOperation = (api: FastifyInstance, route: Route, context: OperationContext): void => {
  const { operation } = route;
  const { authenticate, publicUrl, atEndOfTick, connections } = context;
  const readCall = callReader(route, publicUrl);

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const call = readCall(request);
      const result = await route.handle(call);
      if (call.faults) throw invalidFields(call.faults);
      sendAnswer(operation, { request, reply, publicUrl, connections }, result);
    } catch (error) {
      reply.send(error);
    }
  };

  api.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { operation },
    bodyLimit: bodyLimit(operation),
    onRequest: (request, _reply, done) => {
      const caller = requireCaller(request, authenticate, operation);
      if (caller instanceof Promise) return void caller.then(() => done(), done);
      done();
    },
    // Fastify gets no promise to wait for: the answer, or the refusal, is sent from here.
    handler: (request, reply) => atEndOfTick(() => void answer(request, reply), request.caller?.scope.payer),
  });
};

/** Reads a request by the operation's schemas. Throws the faults of query, path and body. */
const callReader = ({ operation, checksFaultyBodies }: Route, publicUrl: string | undefined): ((request: FastifyRequest) => Call) => {
  const readQuery = queryReader(operation.query ?? Type.Object({}, { additionalProperties: false }));
  const readParams = operation.params && paramsReader(operation.params);
  const checkBody = operation.body && bodyCheck(operation);
  return (request) => {
    const call = new RequestCall(request, operation, publicUrl);
    call.query = readQuery(request.query as Record<string, unknown>) as never;
    const refused = checkBody?.(request.body);
    const params = readParams ? readParams(request.params as Record<string, string>) : {};
    if (!params) throw new DomainError("path.not_found", "There is no such record: nothing can have the id or name that the path gives.");
    call.params = params as never;
    if (refused) {
      if (!refused.areAll || !checksFaultyBodies) throw invalidFields(refused.faults);
      call.faults = refused.faults;
      call.body = withoutFaulty(request.body, refused.faults) as never;
    } else call.body = (request.body ?? (operation.bodyOptional ? {} : undefined)) as never;
    const { headers } = request;
    const isConditional =
      "if-match" in headers || "if-none-match" in headers || "if-modified-since" in headers || "if-unmodified-since" in headers;
    if (isConditional && operation.method !== "GET") call.precondition = readPrecondition(operation, headers);
    return call;
  };
};

/** A call that came by HTTP. What few handlers need is computed when they read it. */
class RequestCall implements Call {
  readonly operationId: string;
  readonly caller: Caller;
  params!: Call["params"];
  query!: Call["query"];
  body!: never;
  faults: FieldFaults | undefined;
  precondition: Precondition;
  readonly #request: FastifyRequest;
  readonly #publicUrl: string | undefined;

  constructor(request: FastifyRequest, operation: Operation, publicUrl: string | undefined) {
    this.operationId = operation.operationId;
    this.caller = request.caller!;
    this.#request = request;
    this.#publicUrl = publicUrl;
  }

  get isMergePatch(): boolean {
    return /^\s*application\/merge-patch\+json/i.test(this.#request.headers["content-type"] ?? "");
  }

  /** The URL as the client wrote it, behind whatever proxy stands in front. A request line may carry the whole URL (RFC 9112 §3.2.2). */
  get url(): Address {
    const request = this.#request;
    return addressOf(publicBase(request, this.#publicUrl), request.url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, ""));
  }
}

/** How connections end. */
export interface Connections {
  /** Whether the server is shutting down. */
  readonly isClosing: boolean;
  readonly lingering: LingeringClose;
}

/** The request that an answer is for. */
interface Answered {
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
const sendAnswer = (operation: Operation, { request, reply, publicUrl, connections }: Answered, answer: Answer): void => {
  // Before `hijack`: what this throws is answered by Fastify.
  const unchanged = operation.method === "GET" && isUnchanged(request.headers, answer.etag);
  reply.hijack();
  const { raw } = reply;
  const headers = ["x-content-type-options", "nosniff", "cache-control", "private, no-cache", "vary", "Authorization"];
  if (answer.location !== undefined) headers.push("location", apiBase(request, publicUrl) + answer.location);
  if (answer.etag !== undefined) headers.push("etag", answer.etag);
  // Kept alive, a connection would keep a closing process from ending, or an unread body would have to be read to its end.
  const isUnread = leavesBodyUnread(request);
  if (isUnread || connections.isClosing) headers.push("connection", "close");
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
export const endConnectionWith = (request: FastifyRequest, reply: FastifyReply, connections: Connections): void => {
  const isUnread = leavesBodyUnread(request);
  if (isUnread || connections.isClosing) reply.header("connection", "close");
  // What is on its way is taken in, so that the answer arrives.
  if (isUnread) connections.lingering.endAfterAnswer(request.raw.socket);
};
