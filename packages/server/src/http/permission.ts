import { grants, type Operation } from "@gatehouse-aaa/contract";
import type { Caller } from "../kernel/caller.ts";
import { DomainError } from "../kernel/errors.ts";

/** Refuses with 403 who may not ask for an operation: a token of a suspended organization, or one without the scope. */
export const requirePermission = (caller: Caller, { scope, whileSuspended }: Operation): void => {
  if (caller.isSuspended && !whileSuspended) {
    throw new DomainError(
      "organization.suspended",
      "The organization of the token, or one above it, is suspended. Its tokens read and write nothing until an organization above lifts that.",
    );
  }
  if (!grants(caller.scopes, scope)) throw new DomainError("request.forbidden", `This needs a token with the scope ${scope}.`);
};
