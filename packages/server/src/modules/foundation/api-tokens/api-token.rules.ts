import { formatInstant, grants, mayGive, type Scope } from "@gatehouse-aaa/contract";
import type { Caller } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";

/** What a token may do, and until when. */
export interface Powers {
  readonly scopes: readonly Scope[];
  readonly expiresAtMs: number | null;
}

const exceeds = (detail: string) => new DomainError("api_token.exceeds_caller", detail);

/** No ladder: whoever does not hold a scope neither gives it away nor touches a token that has it. */
export const requireScopesOf = (caller: Caller, scopes: readonly Scope[]): void => {
  const missing = scopes.filter((scope) => !mayGive(caller.scopes, scope));
  if (missing.length > 0) throw exceeds(`The token that asks does not hold ${new Intl.ListFormat("en").format(missing)} itself.`);
};

/**
 * What a caller gives ends no later than the caller: else a token for a day could make itself one for ever. Only what
 * is given is asked about, a later expiry or one more scope: renaming a token that lives longer gives nothing.
 */
export const requireLifetimeOf = (caller: Caller, before: Powers | undefined, after: Powers): void => {
  if (caller.expiresAtMs === null || !outlives(after.expiresAtMs, caller.expiresAtMs)) return;
  const givesTime = before === undefined || outlives(after.expiresAtMs, before.expiresAtMs);
  const givesScopes = before === undefined || after.scopes.some((scope) => !grants(new Set(before.scopes), scope));
  if (!givesTime && !givesScopes) return;
  throw exceeds(`The token that asks expires at ${formatInstant(caller.expiresAtMs)}; give an expires_at no later than that.`);
};

/** Whether one expiry is later than another; null is never. */
const outlives = (one: number | null, other: number | null): boolean => other !== null && (one === null || one > other);
