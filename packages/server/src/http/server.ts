import { basePath, type Operation } from "@gatehouse/contract";
import fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import { registerBodyParsers } from "./body-parsers.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { toDomainError } from "./error-translation.ts";
import { registerOperation } from "./operation-route.ts";
import { registerOverload } from "./overload.ts";
import { sendProblem } from "./problem.ts";
import { registerUnmatched } from "./unmatched.ts";

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
  server.setNotFoundHandler(async () => {
    throw new DomainError("path.not_found", `There is nothing at this path. The API is below ${basePath}/, its pages are at /swagger/.`);
  });
  server.decorateRequest("caller", null);
  server.addHook("onRequest", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
  });
  const closing = watchClosing(server);
  server.addHook("onSend", async (_request, reply) => {
    // A connection that is kept alive after its last answer would keep the process from ending.
    if (closing()) reply.header("connection", "close");
  });
  server.setErrorHandler((error, request, reply) => {
    const known = toDomainError(error, deps.translateError);
    if (!known) request.log.error({ err: error }, "unexpected error");
    return sendProblem(request, reply, known ?? unexpected());
  });
  server.addHook("onResponse", async (request, reply) => {
    const operation = request.routeOptions.config?.operation?.operationId;
    deps.onAnswered(operation, reply.statusCode, reply.elapsedTime);
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
      api.addHook("onRequest", async () => {
        if (closing()) throw new DomainError("server.unavailable", "The server is shutting down. Try again in a moment.");
      });
      await registerOverload(api);
      registerBodyParsers(api);
      for (const route of deps.routes) registerOperation(api, route, deps);
      registerUnmatched(api, deps);
    },
    { prefix: basePath },
  );
  return server;
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
