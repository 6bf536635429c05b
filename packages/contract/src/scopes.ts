/** The resources that a scope can open; the same words as the first segment of their paths. */
export const scopedResources = [
  "organization",
  "api_token",
  "aaa_profile",
  "address_grant",
  "aaa_client",
  "access_decision",
  "aaa_accounting",
  "radius",
  "user",
  "user_token",
  "user_extra",
  "device",
  "device_app_user_update",
  "device_app_user_authenticate",
] as const;

type ResourceScope = `${(typeof scopedResources)[number]}:${"read" | "write"}`;

/** What a token may do. `admin` implies every other scope, `pii:read` shows tax and passport numbers in clear, `metrics:read` opens `/metrics`, `radius:read` gives AAA clients' secrets to a RADIUS server. */
export type Scope = ResourceScope | "pii:read" | "metrics:read" | "admin";

/** The closed list of scopes. A read scope does not follow from the write scope of the same resource. */
export const scopes: readonly Scope[] = [
  ...scopedResources.flatMap((resource): Scope[] => [`${resource}:read`, `${resource}:write`]),
  "pii:read",
  "metrics:read",
  "admin",
];

/** Whether a set of scopes opens an operation that asks for `needed`. */
export const grants = (held: ReadonlySet<Scope>, needed: Scope): boolean => held.has(needed) || held.has("admin");
