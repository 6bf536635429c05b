import { basePath } from "@gatehouse/contract";
import type { FastifyInstance } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { requireCaller } from "./authentication.ts";
import type { HttpDependencies } from "./dependencies.ts";

const notFound = () => new DomainError("path.not_found", "There is nothing at this path. The paths stand in /api/v1/openapi.json.");

/** Methods that a path does not offer, OPTIONS, and paths that do not exist: the token is asked for first. */
export const registerUnmatched = (api: FastifyInstance, deps: HttpDependencies): void => {
  const methodsByPath = new Map<string, Set<string>>();
  for (const { operation } of deps.routes) {
    const methods = methodsByPath.get(operation.path) ?? new Set(["OPTIONS"]);
    methods.add(operation.method);
    if (operation.method === "GET") methods.add("HEAD");
    methodsByPath.set(operation.path, methods);
  }
  for (const [path, methods] of methodsByPath) {
    const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
    const allow = [...methods].sort().join(", ");
    api.route({
      method: "OPTIONS",
      url,
      handler: async (_request, reply) => reply.code(204).header("allow", allow).send(),
    });
    const others = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !methods.has(method));
    if (others.length === 0) continue;
    api.route({
      method: others,
      url,
      onRequest: async (request, reply) => {
        await requireCaller(request, deps.authenticate);
        reply.header("allow", allow);
        throw new DomainError("method.not_allowed", `${basePath}${path} offers ${allow}.`);
      },
      handler: async () => {},
    });
  }
  api.setNotFoundHandler({}, async (request) => {
    await requireCaller(request, deps.authenticate);
    throw notFound();
  });
};
