import { grants } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { type Authenticate, requireCaller } from "./authentication.ts";

/** Who may read the metrics: tokens, also this machine without a token, or nobody. */
export type MetricsAccess = "token" | "loopback" | "off";

export interface MetricsDependencies {
  readonly access: MetricsAccess;
  readonly authenticate: Authenticate;
  readonly contentType: string;
  /** The metrics of this process, or of all workers together. */
  text(): Promise<string>;
}

/**
 * `/metrics`: what the process measures of itself, in Prometheus' text format. The figures cover all tenants, so that a
 * token must belong to the root organization.
 */
export const registerMetrics = (server: FastifyInstance, deps: MetricsDependencies): void => {
  if (deps.access === "off") return;
  server.get("/metrics", { logLevel: "silent" }, async (request, reply) => {
    if (deps.access !== "loopback" || !comesFromHere(request)) await requireReader(request, deps.authenticate);
    return reply
      .header("cache-control", "no-store")
      .type(deps.contentType)
      .send(await deps.text());
  });
};

/** Whether connection and client are on this machine. A header counts only where a trusted proxy sent it. */
const comesFromHere = (request: FastifyRequest): boolean =>
  [request.origin.address, request.raw.socket.remoteAddress ?? ""].every((address) => /^(?:::1$|(?:::ffff:)?127\.)/.test(address));

const requireReader = async (request: FastifyRequest, authenticate: Authenticate): Promise<void> => {
  const caller = await requireCaller(request, authenticate);
  if (grants(caller.scopes, "metrics:read") && caller.scope.covers === "everything") return;
  throw new DomainError("request.forbidden", "This needs a token of the root organization with the scope metrics:read.");
};
