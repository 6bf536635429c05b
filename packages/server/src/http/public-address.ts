import { basePath } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";
import { BoundedCache } from "../kernel/bounded-cache.ts";

/** The parts of a request's URL that links repeat. */
export type Address = Pick<URL, "origin" | "pathname" | "search">;

/** The URL of `/` as clients see it: the configured one, else the one that the request and its proxies name. */
export const publicBase = ({ origin }: FastifyRequest, publicUrl: string | undefined): string =>
  publicUrl?.replace(/\/$/, "") ?? `${origin.protocol}://${origin.host}${origin.prefix}`;

/** The API as clients see it: below the configured URL, else as a path of the host that they asked. */
export const apiBase = ({ origin }: FastifyRequest, publicUrl: string | undefined): string =>
  `${publicUrl?.replace(/\/$/, "") ?? origin.prefix}${basePath}`;

/** A path and a query that a URL keeps as they are. */
const plain = /^((?:\/[\w~@:-][\w.~@:-]*)+\/?)(\?[\w.~@:,*+=&%-]*)?$/;

/** The address of a request target below an origin. A URL, which costs microseconds, is made only where it would change something. */
export const addressOf = (origin: string, target: string): Address => {
  const parts = plain.exec(target);
  if (parts) return { origin: normalized(origin), pathname: parts[1]!, search: parts[2] === "?" ? "" : (parts[2] ?? "") };
  return new URL(origin + target);
};

/** Bounded, because a client may name any host. */
const normalizedOrigins = new BoundedCache<string, string>(100);

/** An origin, perhaps with a path, as a URL writes it: host in lower case, no default port. */
const normalized = (origin: string): string => {
  let known = normalizedOrigins.get(origin);
  if (known === undefined) {
    known = new URL(origin).href.replace(/\/$/, "");
    normalizedOrigins.set(origin, known);
  }
  return known;
};
