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

/** Scopes that are given by name: neither `admin` nor another scope implies them, for what they show can be taken elsewhere. */
const namedScopes = ["radius:credentials"] as const;

/** What a token may do. `admin` implies every other scope but those given by name, `pii:read` shows tax and passport numbers in clear, `metrics:read` opens `/metrics`, `radius:read` gives AAA clients' secrets to a RADIUS server, `radius:credentials` users' reversible passwords. */
export type Scope = ResourceScope | "pii:read" | "metrics:read" | "admin" | (typeof namedScopes)[number];

/** The closed list of scopes. A read scope does not follow from the write scope of the same resource. */
export const scopes: readonly Scope[] = [
  ...scopedResources.flatMap((resource): Scope[] => [`${resource}:read`, `${resource}:write`]),
  "pii:read",
  "metrics:read",
  "admin",
  ...namedScopes,
];

const isNamed = (scope: Scope): boolean => (namedScopes as readonly Scope[]).includes(scope);

/** Whether a set of scopes opens what asks for `needed`. */
export const grants = (held: ReadonlySet<Scope>, needed: Scope): boolean => held.has(needed) || (held.has("admin") && !isNamed(needed));

/** Whether who holds a set of scopes may give `wanted` to a token: `admin` may give every scope, those by name as well. */
export const mayGive = (held: ReadonlySet<Scope>, wanted: Scope): boolean => held.has(wanted) || held.has("admin");
