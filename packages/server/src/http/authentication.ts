import type { FastifyRequest } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";

/** Who a bearer token is, or undefined when it is nobody (any more). */
export type Authenticate = (token: string, request: { id: string; address: string }) => Promise<Caller | undefined>;

/** The caller of a request, or the refusal that everyone without a valid token gets. */
export const requireCaller = async (request: FastifyRequest, authenticate: Authenticate): Promise<Caller> => {
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(request.headers.authorization ?? "")?.[1];
  const caller = token === undefined ? undefined : await authenticate(token, { id: request.id, address: request.ip });
  if (!caller) {
    throw new DomainError(
      "request.unauthenticated",
      request.headers.authorization === undefined
        ? "Send the header Authorization: Bearer <token>."
        : "The token is malformed, unknown, expired or revoked.",
    );
  }
  request.caller = caller;
  return caller;
};
