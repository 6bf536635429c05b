import { basePath, type Operation } from "@gatehouse/contract";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import { registerBodyParsers } from "./body-parsers.ts";
import { toDomainError } from "./error-translation.ts";
import { registerOperation } from "./operation-route.ts";
import { sendProblem } from "./problem.ts";
import type { Route } from "./route.ts";
import { registerUnmatched } from "./unmatched.ts";

/** Who a bearer token is, or undefined when it is nobody (any more). */
export type Authenticate = (token: string, request: { id: string; address: string }) => Promise<Caller | undefined>;

export interface HttpDependencies {
  routes: readonly Route[];
  authenticate: Authenticate;
  /** What the layers below throw, in the words of the registry; undefined for the unexpected. */
  translateError(error: unknown): DomainError | undefined;
  logger: FastifyBaseLogger;
  /** The URL that clients see in front of a proxy; undefined takes each request's own. */
  publicUrl: string | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** Longest path parameter in characters, percent-encoding included: 150 letters of up to 12 characters each. */
const longestParameter = 2_000;

/** Builds the HTTP door: every operation of the contract, authentication, and one renderer of errors. */
export const createHttpServer = (deps: HttpDependencies): FastifyInstance => {
  const requestIds = requestIdSource();
  const server = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestParameter },
    // A closing server answers by its own problem document below.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      sendProblem(request, reply as unknown as FastifyReply, toDomainError(error, deps.translateError) ?? unexpected());
    },
  });
  server.decorateRequest("caller", null);
  server.addHook("onRequest", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
  });
  server.setErrorHandler((error, request, reply) => {
    const known = toDomainError(error, deps.translateError);
    if (!known) request.log.error({ err: error }, "unexpected error");
    return sendProblem(request, reply, known ?? unexpected());
  });
  server.addHook("onResponse", async (request, reply) => {
    const operation = request.routeOptions.config?.operation?.operationId;
    request.log.info(
      {
        operation: operation ?? null,
        method: request.method,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        actor: request.caller?.actor.id ?? null,
      },
      "request",
    );
  });
  server.register(
    async (api) => {
      const closing = watchClosing(server);
      api.addHook("onRequest", async () => {
        if (closing()) throw new DomainError("server.unavailable", "The server is shutting down. Try again in a moment.");
      });
      registerBodyParsers(api);
      for (const route of deps.routes) registerOperation(api, route, deps);
      registerUnmatched(api, deps);
    },
    { prefix: basePath },
  );
  return server;
};

/** The caller of a request, or the refusal that everyone without a valid token gets. */
export const requireCaller = async (request: FastifyRequest, authenticate: Authenticate): Promise<Caller> => {
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(request.headers.authorization ?? "")?.[1];
  const caller = token === undefined ? undefined : await authenticate(token, { id: request.id, address: request.ip });
  if (!caller) {
    throw new DomainError(
      "request.unauthenticated",
      request.headers.authorization === undefined
        ? "Send the header Authorization: Bearer <token>."
        : "The token is malformed, unknown, expired or revoked.",
    );
  }
  request.caller = caller;
  return caller;
};

const unexpected = () => new DomainError("server.internal", "Something went wrong here. The log names this request by its request_id.");

const requestIdSource = () => {
  const prefix = Math.floor(performance.timeOrigin % 2_176_782_336).toString(36);
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
};

const watchClosing = (server: FastifyInstance): (() => boolean) => {
  let isClosing = false;
  server.addHook("preClose", async () => {
    isClosing = true;
  });
  return () => isClosing;
};
