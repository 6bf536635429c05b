import type { IncomingMessage, ServerResponse } from "node:http";
import { basePath, type Operation } from "@gatehouse-aaa/contract";
import fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";
import { type HeldMemory, uncountedBytes } from "./body-memory.ts";
import { type BodyReader, createBodyReader, usualLimits } from "./body-reader.ts";
import type { AnsweredRequest, HttpDependencies, HttpObserver } from "./dependencies.ts";
import { ignoreTypeOfDelete, registerBodyParsers } from "./json-body.ts";
import { createLingeringClose, type LingeringClose } from "./lingering-close.ts";
import { damagedRows } from "./list-page.ts";
import { malformedPath, refuseMalformedQuery, refuseRepeated } from "./malformed-requests.ts";
import { type Connections, endConnectionWith, registerOperation } from "./operation-route.ts";
import { registerOverload } from "./overload.ts";
import { type Pages, watchPages } from "./pages.ts";
import { createParserRefusals, type ParserRefusalDependencies, type ParserRefusals } from "./parser-refusals.ts";
import { sendProblem, toDomainError } from "./problem.ts";
import { originReader, type RequestOrigin } from "./request-origin.ts";
import { createTicks } from "./tick.ts";
import { registerUnmatched } from "./unmatched.ts";

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
    /** What its body holds of the memory for all bodies, until it is answered. */
    heldMemory: HeldMemory | null;
    /** Where the request came from, behind the trusted proxies. */
    origin: RequestOrigin;
  }
  interface FastifyContextConfig {
    operation?: Operation;
  }
}

/** Characters of a path parameter, percent-encoding included: 150 letters of up to 12 characters each. */
const maxParameterLength = 2_000;

/** How long a request line with its headers may take, and a request as a whole: longer than the slowest body that is read. */
const headersPatienceMs = 15_000;
const requestPatienceMs = 20 * 60_000;

/** Builds the HTTP server: every operation of the contract, authentication, and one shape of refusals. */
export const createHttpServer = (deps: HttpDependencies): FastifyInstance => {
  const { observer, settings } = deps;
  const newRequestId = requestIdSource();
  const lingering = createLingeringClose();
  const parserRefusals = createParserRefusals({ newRequestId, endConnection: lingering.end, onRefused: logRefusalTo(observer) });
  const bodyReader = createBodyReader({ ...usualLimits, ...settings.bodyLimits });
  const server = createFastify(deps, newRequestId, parserRefusals);
  const pages = watchPages(server);
  const connections = endConnections(server, lingering);
  refuseUnknownPaths(server, pages);
  checkEveryRequest(server, settings.trustedProxies);
  listenBesideRoutes(server, parserRefusals, bodyReader);
  answerErrors(server, deps);
  logDamagedRows(server, observer);
  logAnswers(server, observer);
  server.addHook("onClose", async () => bodyReader.close());
  server.register(async (api) => registerApi(api, deps, { bodyReader, pages, connections }), { prefix: basePath });
  return server;
};

const createFastify = (deps: HttpDependencies, newRequestId: () => string, parserRefusals: ParserRefusals): FastifyInstance => {
  const templates = deps.routes.map(({ operation }) => basePath + operation.path);
  return fastify({
    loggerInstance: deps.observer.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newRequestId,
    // One logger for all: a child for each request costs more than the line that it would write.
    childLoggerFactory: (logger) => logger,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxParameterLength },
    // A closing server answers by its own problem document.
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
};

const refuseUnknownPaths = (server: FastifyInstance, pages: Pages): void => {
  server.setNotFoundHandler(async (request, reply) => {
    pages.refuseMethod(request, reply);
    throw new DomainError("path.not_found", `There is nothing at this path. The API is below ${basePath}/, its pages are at /swagger/.`);
  });
  // Outside of the API nothing takes a body, so that none is read.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
};

/** The first hook of every request. Hooks that need not wait take `done`: a hook that returns a promise costs about a microsecond. */
const checkEveryRequest = (server: FastifyInstance, trustedProxies: readonly string[]): void => {
  const readOrigin = originReader(trustedProxies);
  server.decorateRequest("caller", null);
  server.decorateRequest("heldMemory", null);
  server.decorateRequest("origin", null as never);
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-content-type-options", "nosniff");
    const { raw } = request;
    // As many names as lines: no header is repeated.
    if (Object.keys(raw.headers).length * 2 !== raw.rawHeaders.length) refuseRepeated(raw);
    if (request.url.includes("%")) refuseMalformedQuery(request.url);
    request.origin = readOrigin(raw);
    // A connection that breaks ends no response.
    const { "content-length": length, "transfer-encoding": coding } = raw.headers;
    if (coding !== undefined || Number(length) > uncountedBytes) reply.raw.once("close", () => request.heldMemory?.release());
    done();
  });
};

/** What Node's server reports without a route. */
const listenBesideRoutes = ({ server }: FastifyInstance, parserRefusals: ParserRefusals, bodyReader: BodyReader): void => {
  parserRefusals.listen(server);
  server.maxHeadersCount = 0;
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    bodyReader.awaitsContinue(request, response);
    server.emit("request", request, response);
  });
};

/** Ends connections whose body nobody reads, and all of them once the server is shutting down. */
const endConnections = (server: FastifyInstance, lingering: LingeringClose): Connections => {
  const connections = { isClosing: false, lingering };
  server.addHook("onSend", (request, reply, _payload, done) => {
    endConnectionWith(request, reply, connections);
    done();
  });
  server.addHook("preClose", async () => {
    connections.isClosing = true;
    lingering.close();
  });
  return connections;
};

const answerErrors = (server: FastifyInstance, { translateError, observer: { logger } }: HttpDependencies): void => {
  server.setErrorHandler((error, request, reply) => {
    const known = toDomainError(error, translateError);
    if (!known) logger.error({ err: error, reqId: request.id }, "unexpected error");
    else if (known.code === "record.damaged") logger.error({ err: error, reqId: request.id }, "a record cannot be read");
    return sendProblem(request, reply, known ?? unexpected());
  });
};

const logDamagedRows = (server: FastifyInstance, { logger }: HttpObserver): void => {
  const log = (damage: unknown) => logger.error(damage, "a record cannot be shown; its page names it as damaged");
  damagedRows.subscribe(log);
  server.addHook("onClose", async () => void damagedRows.unsubscribe(log));
};

const logAnswers = (server: FastifyInstance, observer: HttpObserver): void => {
  server.addHook("onResponse", (request, reply, done) => {
    request.heldMemory?.release();
    request.heldMemory = null;
    const operation = request.routeOptions.config?.operation?.operationId;
    const status = reply.statusCode;
    const elapsedMs = reply.elapsedTime;
    const queryStart = request.url.indexOf("?");
    const line: AnsweredRequest = {
      reqId: request.id,
      operation: operation ?? null,
      method: request.method,
      path: request.url.slice(0, Math.min(queryStart < 0 ? request.url.length : queryStart, maxLoggedPath)),
      // What is refused before its origin is read has only the address of its connection.
      address: (request.origin as RequestOrigin | null)?.address ?? request.raw.socket?.remoteAddress ?? "",
      isProbe: probes.has(request.routeOptions.url ?? ""),
      status,
      durationMs: Math.round(elapsedMs * 10) / 10,
      actor: request.caller?.actor.id ?? null,
    };
    if (observer.logRequest) observer.logRequest(line);
    else observer.logger.info(line, "request");
    observer.onAnswered(operation, status, elapsedMs);
    done();
  });
};

/** Logs what Node's parser refuses. Method and path could not be read. */
const logRefusalTo =
  (observer: HttpObserver): ParserRefusalDependencies["onRefused"] =>
  (reqId, status, address) => {
    const line = { reqId, operation: null, method: "", path: "", address, isProbe: false, status, durationMs: 0, actor: null };
    if (observer.logRequest) observer.logRequest(line);
    else observer.logger.info(line, "request");
    observer.onAnswered(undefined, status, 0);
  };

interface ApiParts {
  readonly bodyReader: BodyReader;
  readonly pages: Pages;
  readonly connections: Connections;
}

/** Registers everything below the base path. */
const registerApi = async (api: FastifyInstance, deps: HttpDependencies, { bodyReader, pages, connections }: ApiParts): Promise<void> => {
  const { routes, authenticate, settings } = deps;
  registerBodyParsers(api, bodyReader);
  const refuseUnmatched = registerUnmatched(api, { routes, authenticate, pages });
  api.addHook("onRequest", (request, reply, done) => {
    if (connections.isClosing) throw new DomainError("server.unavailable", "The server is shutting down. Try again in a moment.");
    if (request.is404) return void refuseUnmatched(request, reply).catch(done);
    if (request.method === "DELETE") ignoreTypeOfDelete(request);
    done();
  });
  if (settings.overloadDelayMs > 0) await registerOverload(api, settings.overloadDelayMs);
  const context = { authenticate, publicUrl: settings.publicUrl, atEndOfTick: createTicks(), connections };
  for (const route of routes) registerOperation(api, route, context);
};

/** Asked again and again by machines. */
const probes: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** More than any path of ours has. */
const maxLoggedPath = 500;

const unexpected = () => new DomainError("server.internal", "Something went wrong here. The log names this request by its request_id.");

const requestIdSource = () => {
  const prefix = Math.floor(performance.timeOrigin % 2_176_782_336).toString(36);
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
};
