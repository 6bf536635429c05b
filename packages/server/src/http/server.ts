import type { IncomingMessage, ServerResponse } from "node:http";
import { basePath, type Operation } from "@gatehouse-aaa/contract";
import fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import type { HeldMemory } from "./body-memory.ts";
import { ignoreTypeOfDelete, registerBodyParsers } from "./body-parsers.ts";
import { closeIfUnread, createBodyReader, hasBody, usualLimits } from "./body-reader.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { toDomainError } from "./error-translation.ts";
import { createLingeringClose } from "./lingering-close.ts";
import { registerOperation } from "./operation-route.ts";
import { registerOverload } from "./overload.ts";
import { damagedRows } from "./page.ts";
import { watchPages } from "./pages.ts";
import { createParserRefusals } from "./parser-refusals.ts";
import { malformedPath, refuseMalformedQuery } from "./percent-encoding.ts";
import { sendProblem } from "./problem.ts";
import { refuseRepeated } from "./repeated-headers.ts";
import { originReader, type RequestOrigin } from "./request-origin.ts";
import { createTurns } from "./turn.ts";
import { registerUnmatched } from "./unmatched.ts";

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
    /** What its body holds of the memory for all, until it is answered. */
    heldMemory: HeldMemory | null;
    /** Whom the request came from, behind the proxies that are trusted. */
    origin: RequestOrigin;
  }
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** Longest path parameter in characters, percent-encoding included: 150 letters of up to 12 characters each. */
const longestParameter = 2_000;

/** How long a request line with its headers may take, and a request as a whole: longer than the slowest body that is read. */
const headersPatienceMs = 15_000;
const requestPatienceMs = 20 * 60_000;

/** Builds the HTTP door: every operation of the contract, authentication, and one renderer of errors. */
export const createHttpServer = (deps: HttpDependencies): FastifyInstance => {
  const requestIds = requestIdSource();
  const lingering = createLingeringClose();
  const templates = deps.routes.map(({ operation }) => basePath + operation.path);
  const parserRefusals = createParserRefusals({
    endConnection: lingering.end,
    newRequestId: requestIds,
    onRefused: (reqId, status, address) => {
      deps.onAnswered(undefined, status, 0);
      // Method and path are what could not be read.
      deps.logRequest({ reqId, operation: null, method: "", path: "", address, isProbe: false, status, durationMs: 0, actor: null });
    },
  });
  const bodyReader = createBodyReader({ ...usualLimits, ...deps.bodyLimits }, deps.payerOf);
  const server = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds,
    // One logger for all: a child for each request costs more than the line that it would write.
    childLoggerFactory: (logger) => logger,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestParameter },
    // A closing server answers by its own problem document below.
    return503OnClosing: false,
    requestTimeout: requestPatienceMs,
    // A missing Host is refused by our own problem document.
    http: { requireHostHeader: false, headersTimeout: headersPatienceMs, connectionsCheckingInterval: 2_000 },
    clientErrorHandler: parserRefusals.onClientError,
    frameworkErrors: (error, request, reply) => {
      const badPath = error.code === "FST_ERR_BAD_URL" ? malformedPath(request.url, templates) : undefined;
      sendProblem(request, reply as unknown as FastifyReply, badPath ?? toDomainError(error, deps.translateError) ?? unexpected());
    },
  });
  const pages = watchPages(server);
  server.setNotFoundHandler(async (request, reply) => {
    pages.refuseMethod(request, reply);
    throw new DomainError("path.not_found", `There is nothing at this path. The API is below ${basePath}/, its pages are at /swagger/.`);
  });
  // Outside of the API nothing takes a body, so that none is read.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
  server.decorateRequest("caller", null);
  server.decorateRequest("heldMemory", null);
  server.decorateRequest("origin", null as never);
  const readOrigin = originReader(deps.trustedProxies);
  // Hooks that need not wait take `done`: each that returns a promise costs every request about a microsecond.
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-content-type-options", "nosniff");
    refuseRepeated(request.raw);
    refuseMalformedQuery(request.url);
    request.origin = readOrigin(request.raw);
    // A connection that breaks ends no response.
    if (hasBody(request.raw)) reply.raw.once("close", () => request.heldMemory?.release());
    done();
  });
  parserRefusals.listen(server.server);
  server.server.maxHeadersCount = 0;
  server.server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    bodyReader.awaitsContinue(request, response);
    server.server.emit("request", request, response);
  });
  const closing = watchClosing(server);
  server.addHook("onSend", (request, reply, _payload, done) => {
    // A connection that is kept alive after its last answer would keep the process from ending.
    if (closing()) reply.header("connection", "close");
    closeIfUnread(request, reply, lingering);
    done();
  });
  server.addHook("preClose", async () => lingering.close());
  server.setErrorHandler((error, request, reply) => {
    const known = toDomainError(error, deps.translateError);
    if (!known) deps.logger.error({ err: error, reqId: request.id }, "unexpected error");
    return sendProblem(request, reply, known ?? unexpected());
  });
  const onDamagedRow = (damage: unknown) => deps.logger.error(damage, "a record cannot be shown; its page names it as damaged");
  damagedRows.subscribe(onDamagedRow);
  server.addHook("onClose", async () => {
    damagedRows.unsubscribe(onDamagedRow);
    await bodyReader.close();
  });
  server.addHook("onResponse", (request, reply, done) => {
    request.heldMemory?.release();
    const operation = request.routeOptions.config?.operation?.operationId;
    const status = reply.statusCode;
    const elapsedMs = reply.elapsedTime;
    deps.onAnswered(operation, status, elapsedMs);
    deps.logRequest({
      reqId: request.id,
      operation: operation ?? null,
      method: request.method,
      path: pathOf(request.url),
      // What was refused before its origin was read has none but its connection.
      address: (request.origin as RequestOrigin | null)?.address ?? request.raw.socket?.remoteAddress ?? "",
      isProbe: probes.has(request.routeOptions.url ?? ""),
      status,
      durationMs: Math.round(elapsedMs * 10) / 10,
      actor: request.caller?.actor.id ?? null,
    });
    done();
  });
  server.register(
    async (api) => {
      registerBodyParsers(api, bodyReader);
      const refuseUnmatched = registerUnmatched(api, deps, pages);
      api.addHook("onRequest", (request, reply, done) => {
        if (closing()) throw new DomainError("server.unavailable", "The server is shutting down. Try again in a moment.");
        if (request.is404) return void refuseUnmatched(request, reply).catch(done);
        ignoreTypeOfDelete(request);
        done();
      });
      if (deps.overloadDelayMs > 0) await registerOverload(api, deps.overloadDelayMs);
      const door = { atEndOfTurn: createTurns(), isClosing: closing, lingering };
      for (const route of deps.routes) registerOperation(api, route, deps, door);
    },
    { prefix: basePath },
  );
  return server;
};

/** Asked again and again by machines. */
const probes: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** More of a path than any of ours has is noise. */
const maxLoggedPath = 500;

const pathOf = (url: string): string => {
  const end = url.indexOf("?");
  return url.slice(0, Math.min(end < 0 ? url.length : end, maxLoggedPath));
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
