import { grants, type Operation } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";

/**
 * The caller that a bearer token names; undefined when the token is unknown, expired or revoked. A token that was seen a moment ago is
 * answered without a promise.
 */
export type Authenticate = (token: string, request: { id: string; address: string }) => Caller | undefined | Promise<Caller | undefined>;

/**
 * The caller of a request, who may ask for the operation. Throws 401 without a valid token, and 403 as `requirePermission` does. Without
 * an operation any valid token passes.
 */
export const requireCaller = (request: FastifyRequest, authenticate: Authenticate, operation?: Operation): Caller | Promise<Caller> => {
  const token = bearerTokenOf(request.headers.authorization);
  if (token === undefined) throw unauthenticated(request);
  const caller = authenticate(token, { id: request.id, address: request.origin.address });
  if (caller instanceof Promise) return caller.then((one) => admit(request, one, operation));
  return admit(request, caller, operation);
};

/** Throws 403 for a token of a suspended organization, and for one without the operation's scope. */
export const requirePermission = (caller: Caller, { scope, whileSuspended }: Operation): void => {
  if (caller.isSuspended && !whileSuspended) {
    throw new DomainError(
      "organization.suspended",
      "The organization of the token, or one above it, is suspended. Its tokens read and write nothing until an organization above lifts that.",
    );
  }
  if (!grants(caller.scopes, scope)) throw new DomainError("request.forbidden", `This needs a token with the scope ${scope}.`);
};

const bearerTokenOf = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header)?.[1];

const admit = (request: FastifyRequest, caller: Caller | undefined, operation: Operation | undefined): Caller => {
  if (!caller) throw unauthenticated(request);
  if (operation) requirePermission(caller, operation);
  const { socket } = request.raw;
  request.caller = { ...caller, isWaiting: () => !socket.destroyed };
  return request.caller;
};

const unauthenticated = (request: FastifyRequest): DomainError =>
  new DomainError(
    "request.unauthenticated",
    request.headers.authorization === undefined
      ? "Send the header Authorization: Bearer <token>."
      : "The token is malformed, unknown, expired or revoked.",
  );
