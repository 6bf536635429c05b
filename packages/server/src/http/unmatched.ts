import { basePath } from "@gatehouse/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { requireCaller } from "./authentication.ts";
import type { HttpDependencies } from "./dependencies.ts";

interface OfferedPath {
  readonly path: string;
  readonly pattern: RegExp;
  /** The value of the header Allow. */
  readonly allow: string;
}

/** Answers a request that no route takes; it always throws. */
export type RefuseUnmatched = (request: FastifyRequest, reply: FastifyReply) => Promise<never>;

/**
 * OPTIONS, methods that a path does not offer, and paths that do not exist. The token is asked for before these two.
 * Returns the refusal, for a hook that runs before the body is read: neither its type nor its size matters where nothing
 * would take it.
 */
export const registerUnmatched = (api: FastifyInstance, deps: HttpDependencies): RefuseUnmatched => {
  const offered = offeredPaths(deps);
  for (const { path, allow } of offered) {
    api.route({
      method: "OPTIONS",
      url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
      handler: async (_request, reply) => reply.code(204).header("allow", allow).send(),
    });
  }
  const refuse: RefuseUnmatched = async (request, reply) => {
    await requireCaller(request, deps.authenticate);
    const pathname = request.url.split("?", 1)[0]!.slice(basePath.length);
    const match = offered.find(({ pattern }) => pattern.test(pathname));
    if (!match) throw new DomainError("path.not_found", "There is nothing at this path. The paths stand in /api/v1/openapi.json.");
    reply.header("allow", match.allow);
    throw new DomainError("method.not_allowed", `${basePath}${match.path} offers ${match.allow}.`);
  };
  api.setNotFoundHandler(refuse);
  return refuse;
};

/** Every path with its methods; fixed paths come before those with a parameter that would fit them, too. */
const offeredPaths = (deps: HttpDependencies): OfferedPath[] => {
  const methods = new Map<string, Set<string>>();
  for (const { operation } of deps.routes) {
    const offers = methods.get(operation.path) ?? new Set(["OPTIONS"]);
    offers.add(operation.method);
    if (operation.method === "GET") offers.add("HEAD");
    methods.set(operation.path, offers);
  }
  return [...methods]
    .map(([path, offers]) => ({
      path,
      pattern: new RegExp(`^${path.slice(0, -1).replaceAll(/\{\w+\}/g, "[^/]+")}/?$`),
      allow: [...offers].sort().join(", "),
    }))
    .sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")));
};
