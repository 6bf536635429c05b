import { grants } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { type Authenticate, requireCaller } from "./authentication.ts";

/** Who may read the metrics without and with a token. */
export type MetricsAccess = "token" | "loopback" | "off";

export interface MetricsDoor {
  readonly access: MetricsAccess;
  readonly authenticate: Authenticate;
  readonly contentType: string;
  /** The metrics of this process, or of all workers together. */
  text(): Promise<string>;
}

/**
 * `/metrics`: what the process measures of itself, in Prometheus' text format. The figures are of all tenants together,
 * so a token must be of the root organization.
 */
export const registerMetrics = (server: FastifyInstance, door: MetricsDoor): void => {
  if (door.access === "off") return;
  server.get("/metrics", { logLevel: "silent" }, async (request, reply) => {
    if (door.access !== "loopback" || !comesFromHere(request)) await requireReader(request, door.authenticate);
    return reply
      .header("cache-control", "no-store")
      .type(door.contentType)
      .send(await door.text());
  });
};

/** Neither the connection nor, by a trusted proxy, the client behind it is elsewhere. What others write in headers counts nothing. */
const comesFromHere = (request: FastifyRequest): boolean =>
  [request.origin.address, request.raw.socket.remoteAddress ?? ""].every((address) => /^(?:::1$|(?:::ffff:)?127\.)/.test(address));

const requireReader = async (request: FastifyRequest, authenticate: Authenticate): Promise<void> => {
  const caller = await requireCaller(request, authenticate);
  if (grants(caller.scopes, "metrics:read") && caller.scope.covers === "everything") return;
  throw new DomainError("request.forbidden", "This needs a token of the root organization with the scope metrics:read.");
};
