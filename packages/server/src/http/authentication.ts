import type { FastifyRequest } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";

/** Who a bearer token is, or undefined when it is nobody (any more). A token that was asked for a moment ago is answered without waiting. */
export type Authenticate = (token: string, request: { id: string; address: string }) => Caller | undefined | Promise<Caller | undefined>;

/** The caller of a request, or the refusal that everyone without a valid token gets. */
export const requireCaller = (request: FastifyRequest, authenticate: Authenticate): Caller | Promise<Caller> => {
  const token = bearerTokenOf(request.headers.authorization);
  if (token === undefined) return refuse(request);
  const found = authenticate(token, { id: request.id, address: request.origin.address });
  return found instanceof Promise ? found.then((caller) => admit(request, caller)) : admit(request, found);
};

const bearerTokenOf = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header)?.[1];

const admit = (request: FastifyRequest, caller: Caller | undefined): Caller => {
  if (!caller) return refuse(request);
  const { socket } = request.raw;
  request.caller = { ...caller, isWaiting: () => !socket.destroyed };
  return request.caller;
};

const refuse = (request: FastifyRequest): never => {
  throw new DomainError(
    "request.unauthenticated",
    request.headers.authorization === undefined
      ? "Send the header Authorization: Bearer <token>."
      : "The token is malformed, unknown, expired or revoked.",
  );
};
