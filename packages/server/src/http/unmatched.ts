import { basePath } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";
import { type Authenticate, requireCaller } from "./authentication.ts";
import type { Pages } from "./pages.ts";
import type { Route } from "./route.ts";

interface OfferedPath {
  readonly path: string;
  readonly pattern: RegExp;
  readonly methods: ReadonlySet<string>;
  /** The value of the header Allow. */
  readonly allow: string;
}

interface UnmatchedDependencies {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  readonly pages: Pages;
}

/** Answers a request that no route takes; it always throws. */
export type RefuseUnmatched = (request: FastifyRequest, reply: FastifyReply) => Promise<never>;

/**
 * Answers OPTIONS, methods that a path does not offer, and paths that do not exist. The last two need a token.
 * Returns the refusal, for a hook that runs before the body is read: neither its type nor its size matters where nothing
 * would take it.
 */
export const registerUnmatched = (api: FastifyInstance, { routes, authenticate, pages }: UnmatchedDependencies): RefuseUnmatched => {
  const offered = offeredPaths(routes);
  for (const { path, allow } of offered) {
    api.route({
      method: "OPTIONS",
      url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
      handler: async (_request, reply) => reply.code(204).header("allow", allow).send(),
    });
  }
  const refuseMethod = (reply: FastifyReply, { path, allow }: OfferedPath): never => {
    reply.header("allow", allow);
    throw new DomainError("method.not_allowed", `${basePath}${path} offers ${allow}.`);
  };
  // A path such as /access_decision/simulate/ is no record of the collection for methods that it does not offer itself.
  for (const fixed of offered.filter(({ path }) => !path.includes("{"))) {
    const around = offered.filter(({ path, pattern }) => path.includes("{") && pattern.test(fixed.path));
    const methods = new Set(around.flatMap((one) => [...one.methods]).filter((method) => !fixed.methods.has(method) && method !== "HEAD"));
    if (methods.size === 0) continue;
    api.route({
      method: [...methods] as "GET"[],
      url: fixed.path,
      onRequest: async (request, reply) => {
        await requireCaller(request, authenticate);
        refuseMethod(reply, fixed);
      },
      handler: async () => {},
    });
  }
  const refuse: RefuseUnmatched = async (request, reply) => {
    // Pages need no token.
    pages.refuseMethod(request, reply);
    await requireCaller(request, authenticate);
    const pathname = request.url.split("?", 1)[0]!.slice(basePath.length);
    const match = offered.find(({ pattern }) => pattern.test(pathname));
    if (!match) throw new DomainError("path.not_found", "There is nothing at this path. The paths stand in /api/v1/openapi.json.");
    return refuseMethod(reply, match);
  };
  api.setNotFoundHandler(refuse);
  return refuse;
};

/** Every path with its methods; fixed paths come before those with a parameter that would fit them, too. */
const offeredPaths = (routes: readonly Route[]): OfferedPath[] => {
  const methods = new Map<string, Set<string>>();
  for (const { operation } of routes) {
    const offers = methods.get(operation.path) ?? new Set(["OPTIONS"]);
    offers.add(operation.method);
    if (operation.method === "GET") offers.add("HEAD");
    methods.set(operation.path, offers);
  }
  return [...methods]
    .map(([path, offers]) => ({
      path,
      methods: offers,
      pattern: new RegExp(`^${path.slice(0, -1).replaceAll(/\{\w+\}/g, "[^/]+")}/?$`),
      allow: [...offers].sort().join(", "),
    }))
    .sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")));
};
