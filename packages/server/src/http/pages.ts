import { basePath } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../kernel/errors.ts";

/** What the server offers beside the operations of the contract: health, metrics, the document of the API and its pages. */
export interface Pages {
  /** Refuses a method that a page does not offer, with those that it does; nothing where there is no such page. */
  refuseMethod(request: FastifyRequest, reply: FastifyReply): void;
}

/** Learns the pages as they are registered; call it before. */
export const watchPages = (server: FastifyInstance): Pages => {
  const methods = new Map<string, Set<string>>();
  server.addHook("onRoute", ({ url, method }) => {
    if (url.startsWith(basePath) && url !== `${basePath}/openapi.json`) return;
    const offered = methods.get(bare(url)) ?? new Set();
    for (const one of [method].flat()) offered.add(one);
    methods.set(bare(url), offered);
  });
  const offeredAt = (pathname: string): ReadonlySet<string> | undefined => {
    const exact = methods.get(bare(pathname));
    if (exact) return exact;
    return [...methods].find(([url]) => url.endsWith("/*") && pathname.startsWith(url.slice(0, -1)))?.[1];
  };
  return {
    refuseMethod(request, reply) {
      const offered = offeredAt(pathnameOf(request.url));
      if (!offered || offered.has(request.method)) return;
      const allow = [...offered].sort().join(", ");
      reply.header("allow", allow);
      throw new DomainError("method.not_allowed", `This page offers ${allow}.`);
    },
  };
};

const bare = (path: string): string => path.replace(/(?<=.)\/$/, "");

/** The path of a request line, which may hold a whole URL. */
export const pathnameOf = (target: string): string => target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "").split(/[?#]/, 1)[0]!;
