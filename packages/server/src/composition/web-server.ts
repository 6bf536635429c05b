import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { registerHealth } from "../http/health.ts";
import { registerMetrics } from "../http/metrics.ts";
import type { Route } from "../http/route.ts";
import { createHttpServer } from "../http/server.ts";
import { registerSwagger } from "../http/swagger.ts";
import type { DomainError } from "../kernel/errors.ts";
import { contentType, exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import type { Signals } from "../storage/signals.ts";
import type { Figures } from "./figures.ts";
import { handedRoutes } from "./handed-routes.ts";
import type { Services } from "./modules.ts";
import type { Readiness } from "./readiness.ts";
import type { Surroundings } from "./surroundings.ts";

/** The process that a web server stands in. */
export interface WebServerPlace {
  readonly surroundings: Surroundings;
  readonly config: Config;
  readonly logger: Logger;
}

export interface WebServerDependencies {
  readonly routes: readonly Route[];
  readonly services: Pick<Services, "organizations" | "apiTokens">;
  readonly signals: Signals;
  readonly readiness: Readiness;
  readonly figures: { readonly onAnswered: Figures["onAnswered"]; collect(): Promise<readonly Family[]> };
  translateError(error: unknown): DomainError | undefined;
}

/** The HTTP server with all that it serves: the API, its pages, metrics and health. */
export const createWebServer = (
  { surroundings, config, logger }: WebServerPlace,
  { routes, services, signals, readiness, figures, translateError }: WebServerDependencies,
): { readonly server: FastifyInstance; close(): Promise<void> } => {
  const { writes } = surroundings;
  const { directory } = services.organizations;
  const { authenticate } = services.apiTokens;
  const server = createHttpServer({
    routes: writes ? handedRoutes(routes, writes, signals, directory) : routes,
    authenticate,
    translateError,
    observer: {
      logger,
      ...(surroundings.logRequest && { logRequest: surroundings.logRequest }),
      onAnswered: figures.onAnswered,
    },
    settings: {
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      bodyLimits: { memory: config.bodyMemoryBytes },
      overloadDelayMs: config.overloadDelayMs,
    },
  });
  registerMetrics(server, {
    access: config.metrics,
    authenticate,
    contentType,
    text: surroundings.gatherMetrics ?? (async () => exposition([await figures.collect()])),
  });
  registerHealth(server, {
    askDatabase: readiness.askDatabase,
    troubles: () => [...new Set([...readiness.troubles(), ...(surroundings.troublesOfOthers?.() ?? [])])],
  });
  registerSwagger(server, config.publicUrl);
  let isOpen = false;
  server.addHook("onReady", async () => {
    isOpen = true;
  });
  return {
    server,
    // To close what was never opened would load it first, and a command has no use for that.
    close: async () => void (isOpen && (await server.close())),
  };
};
