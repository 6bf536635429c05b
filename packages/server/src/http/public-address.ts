import { basePath } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";

/** Where clients see what we serve below `/`: the public URL, or what the request and the proxies in front of us say of it. */
export const publicBase = ({ origin }: FastifyRequest, publicUrl: string | undefined): string =>
  publicUrl?.replace(/\/$/, "") ?? `${origin.protocol}://${origin.host}${origin.prefix}`;

/** Where clients see the API: below the public URL, else as a path of the host that they asked. */
export const apiBase = ({ origin }: FastifyRequest, publicUrl: string | undefined): string =>
  `${publicUrl?.replace(/\/$/, "") ?? origin.prefix}${basePath}`;
