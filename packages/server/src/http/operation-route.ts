import { basePath, grants, type Operation } from "@gatehouse/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { DomainError, type FieldFaults, invalidFields, noFaults } from "../kernel/errors.ts";
import { requireCaller } from "./authentication.ts";
import { matchesNone, readIfMatch } from "./conditions.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { bodyLimit } from "./json-body.ts";
import type { Answer, Call, Route } from "./route.ts";
import { bodyCheck, type Found, paramsReader, queryReader, withoutFaulty } from "./validation.ts";

/** Registers one operation: authentication and scope before the body is read, then validation, then the handler. */
export const registerOperation = (api: FastifyInstance, route: Route, deps: HttpDependencies): void => {
  const { operation } = route;
  const toCall = callReader(operation, deps.publicUrl);
  api.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { operation },
    bodyLimit: bodyLimit(operation),
    schema: { response: responseSchemas(operation) },
    onRequest: async (request) => {
      const caller = await requireCaller(request, deps.authenticate);
      if (!grants(caller.scopes, operation.scope)) {
        throw new DomainError("request.forbidden", `This needs a token with the scope ${operation.scope}.`);
      }
    },
    handler: async (request, reply) => {
      const { call, found } = toCall(request);
      if (found) throw invalidFields(await allFaults(found, call, route));
      return send(operation, request, reply, await route.handle(call));
    },
  });
};

interface ReadCall {
  /** With faults, a call whose body lacks the faulty fields: only to be judged. */
  readonly call: Call;
  readonly found: Found | undefined;
}

/** A body whose every fault is known is looked through further without them, so that one answer names all. */
const allFaults = async ({ faults, areAll }: Found, call: Call, { judge }: Route): Promise<FieldFaults> => {
  const others = areAll && judge ? await judge(call) : {};
  return Object.assign(noFaults(), others, faults);
};

const callReader = (operation: Operation, publicUrl: string | undefined): ((request: FastifyRequest) => ReadCall) => {
  const readQuery = queryReader(operation.query ?? Type.Object({}, { additionalProperties: false }));
  const readParams = operation.params && paramsReader(operation.params);
  const checkBody = operation.body && bodyCheck(operation);
  return (request) => {
    const query = readQuery(request.query as Record<string, unknown>);
    const found = checkBody?.(request.body);
    const params = readParams ? readParams(request.params as Record<string, string>) : {};
    if (!params) throw new DomainError("path.not_found", "There is no such record: nothing can have the id or name that the path gives.");
    const call: Call = {
      operationId: operation.operationId,
      caller: request.caller!,
      params: params as never,
      query: query as never,
      body: (found ? withoutFaulty(request.body, found.faults) : (request.body ?? (operation.bodyOptional ? {} : undefined))) as never,
      isMergePatch: /^\s*application\/merge-patch\+json/i.test(request.headers["content-type"] ?? ""),
      precondition: readIfMatch(request.headers["if-match"]),
      get url() {
        return requestUrl(request, publicUrl);
      },
    };
    return { call, found };
  };
};

/** A host that can stand in a URL; anything else in the header is no host. */
const plainHost = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

/** The URL as the client wrote it, behind whatever proxy stands in front. A request line may carry the whole URL (RFC 9112 §3.2.2). */
const requestUrl = (request: FastifyRequest, publicUrl: string | undefined): URL => {
  const host = plainHost.test(request.host) ? request.host : "localhost";
  const origin = publicUrl?.replace(/\/$/, "") ?? `${request.protocol}://${host}`;
  return new URL(origin + request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, ""));
};

const send = (operation: Operation, request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply => {
  reply.code(operation.success.status);
  reply.header("cache-control", "private, no-cache").header("vary", "Authorization");
  if (answer.location !== undefined) reply.header("location", basePath + answer.location);
  if (answer.etag !== undefined) {
    reply.header("etag", answer.etag);
    if (operation.method === "GET" && matchesNone(request.headers["if-none-match"], answer.etag)) return reply.code(304).send();
  }
  // The schema is that of one record; rows are written as their presenter made them. With a serializer of its own a
  // reply gets no content type by itself.
  if (operation.rows !== undefined && Array.isArray(answer.body)) {
    reply.type("application/json; charset=utf-8").serializer(JSON.stringify);
  }
  return reply.send(answer.body);
};

/** The serializer's schema: it writes what the contract shows and nothing else. */
const responseSchemas = (operation: Operation): Record<number, unknown> =>
  operation.success.schema ? { [operation.success.status]: operation.success.schema } : {};
