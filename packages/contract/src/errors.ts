/**
 * Every way in which Gatehouse says no. A code is `noun.problem`, stands here once, and is never reused after it
 * retires. `retry` tells a client whether sending the same request again can help.
 */
export interface ErrorDefinition {
  readonly status: number;
  readonly title: string;
  readonly retry: "never" | "after_change" | "later";
}

const define = <T extends Record<string, ErrorDefinition>>(registry: T): T => registry;

export const errorRegistry = define({
  "request.malformed": { status: 400, title: "The request cannot be read", retry: "never" },
  "request.invalid": { status: 400, title: "Some fields are not valid", retry: "never" },
  "request.unprocessable": { status: 422, title: "Some values are well formed but not valid", retry: "never" },
  "request.unauthenticated": { status: 401, title: "A valid API token is required", retry: "after_change" },
  "request.forbidden": { status: 403, title: "The API token may not do this", retry: "after_change" },
  "path.not_found": { status: 404, title: "There is nothing at this path", retry: "never" },
  "method.not_allowed": { status: 405, title: "This path does not offer this method", retry: "never" },
  "request.timeout": { status: 408, title: "The request came too slowly", retry: "later" },
  "request.expectation_failed": { status: 417, title: "The expectation cannot be met", retry: "never" },
  "request.headers_too_large": { status: 431, title: "The headers are too large", retry: "never" },
  "body.unsupported_type": { status: 415, title: "The content type is not supported", retry: "never" },
  "body.too_large": { status: 413, title: "The body is too large", retry: "never" },
  "record.version_mismatch": { status: 412, title: "The record has changed since it was read", retry: "after_change" },
  "record.damaged": { status: 409, title: "The record is damaged", retry: "after_change" },
  "server.internal": { status: 500, title: "Gatehouse could not finish this request", retry: "later" },
  "server.unavailable": { status: 503, title: "Gatehouse cannot serve requests right now", retry: "later" },

  "organization.suspended": { status: 403, title: "The token's organization is suspended", retry: "after_change" },
  "organization.above_only": { status: 403, title: "Only an organization above may change this", retry: "never" },
  "organization.not_found": { status: 404, title: "No such organization", retry: "never" },
  "organization.in_use": { status: 409, title: "The organization is in use", retry: "after_change" },
  "api_token.not_found": { status: 404, title: "No such API token", retry: "never" },
  "api_token.exceeds_caller": { status: 403, title: "A token cannot give or change more than it holds", retry: "never" },
  "aaa_profile.not_found": { status: 404, title: "No such AAA profile", retry: "never" },
  "aaa_profile.in_use": { status: 409, title: "The AAA profile is in use", retry: "after_change" },
  "address_grant.not_found": { status: 404, title: "No such address grant", retry: "never" },
  "address_grant.in_use": { status: 409, title: "The address grant is in use", retry: "after_change" },
  "aaa_client.not_found": { status: 404, title: "No such AAA client", retry: "never" },
  "access_decision.not_found": { status: 404, title: "No such access decision", retry: "never" },
  "access.wrong_credential": { status: 400, title: "The username or the password is wrong", retry: "never" },
  "access.inactive": { status: 400, title: "The account is not active", retry: "after_change" },
  "access.expired": { status: 400, title: "The account has expired", retry: "after_change" },
  "access.no_time_left": { status: 400, title: "The account has no time left", retry: "after_change" },
  "access.profile_refuses": { status: 400, title: "The account's profile refuses access", retry: "after_change" },
  "access.too_many_attempts": { status: 429, title: "Too many wrong passwords", retry: "later" },
  "session.not_found": { status: 404, title: "No such session", retry: "never" },
  "session.not_active": { status: 409, title: "The session is over", retry: "never" },
  "session.client_takes_no_requests": { status: 409, title: "The session's AAA client takes no requests", retry: "after_change" },
  "user.not_found": { status: 404, title: "No such user", retry: "never" },
  "user.ambiguous": { status: 409, title: "More than one user fits", retry: "after_change" },
  "user.stale_version": { status: 409, title: "The user has changed since that version", retry: "after_change" },
  "user.not_identified": { status: 409, title: "A device alone does not identify the user", retry: "after_change" },
  "user_extra.not_found": { status: 404, title: "No such user extra record", retry: "never" },
  "user_extra.already_exists": { status: 409, title: "The user already has an extra record", retry: "after_change" },
  "user_extra.pii_forbidden": { status: 403, title: "Tax and passport numbers need the scope pii:read", retry: "never" },
  "time_ledger.not_metered": { status: 409, title: "The user has no time balance", retry: "after_change" },
  "time_ledger.insufficient": { status: 409, title: "The balance does not cover this", retry: "after_change" },
  "time_ledger.too_large": { status: 409, title: "The balance would grow too large", retry: "never" },
  "device.not_found": { status: 404, title: "No such device", retry: "never" },
  "device.held_elsewhere": { status: 409, title: "The device belongs to a user out of sight", retry: "after_change" },
});

export type ErrorCode = keyof typeof errorRegistry;
