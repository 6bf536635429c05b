import type { Operation } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Caller } from "../kernel/caller.ts";
import { DomainError, type FieldFaults, invalidFields } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/version.ts";
import { type Connections, sendAnswer } from "./answering.ts";
import { type Authenticate, requireCaller } from "./authentication.ts";
import { readPrecondition } from "./conditions.ts";
import { bodyLimit } from "./json-scan.ts";
import { type Address, addressOf, publicBase } from "./public-address.ts";
import type { Call, Route } from "./route.ts";
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
    const query = readQuery(request.query as Record<string, unknown>);
    const refused = checkBody?.(request.body);
    const params = readParams ? readParams(request.params as Record<string, string>) : {};
    if (!params) throw new DomainError("path.not_found", "There is no such record: nothing can have the id or name that the path gives.");
    const given = { params, query, publicUrl };
    if (!refused) return new RequestCall(request, operation, { ...given, body: request.body ?? (operation.bodyOptional ? {} : undefined) });
    if (!refused.areAll || !checksFaultyBodies) throw invalidFields(refused.faults);
    return new RequestCall(request, operation, { ...given, body: withoutFaulty(request.body, refused.faults), faults: refused.faults });
  };
};

interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly faults?: FieldFaults;
  readonly publicUrl: string | undefined;
}

/** A call that came by HTTP. What few handlers need is computed when they read it. */
class RequestCall implements Call {
  readonly operationId: string;
  readonly caller: Caller;
  readonly params: Call["params"];
  readonly query: Call["query"];
  readonly body: never;
  readonly faults: FieldFaults | undefined;
  readonly precondition: Precondition;
  readonly #request: FastifyRequest;
  readonly #publicUrl: string | undefined;

  constructor(request: FastifyRequest, operation: Operation, parts: RequestParts) {
    this.operationId = operation.operationId;
    this.caller = request.caller!;
    this.params = parts.params as never;
    this.query = parts.query as never;
    this.body = parts.body as never;
    this.faults = parts.faults;
    this.precondition = readPrecondition(operation, request.headers);
    this.#request = request;
    this.#publicUrl = parts.publicUrl;
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
