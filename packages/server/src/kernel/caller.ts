import type { Scope } from "@gatehouse-aaa/contract";
import type { Actor } from "./actor.ts";
import type { TenantScope } from "./tenant-scope.ts";

/** The caller of what Gatehouse does by itself, such as `system:stale-sessions`: it works for all tenants. */
export const systemCaller = (name: string): Caller => ({
  actor: { kind: "system", id: null, name },
  scopes: new Set(["admin"] as const),
  scope: { organizationId: 0, namespaceId: 0, namespaceIds: [], organizationIds: new Set(), covers: "everything" },
  expiresAtMs: null,
  requestId: `system-${name}`,
  address: null,
});

/** The authenticated origin of a request: who, what it may do, where it may look. */
export interface Caller {
  readonly actor: Actor;
  readonly scopes: ReadonlySet<Scope>;
  readonly scope: TenantScope;
  /** A token whose organization, or one above it, is suspended: it may nothing but report accounting. */
  readonly isSuspended?: boolean;
  /** When what the caller may do ends, milliseconds since 1970; null is never. What it gives ends no later. */
  readonly expiresAtMs: number | null;
  readonly requestId: string;
  /** The network address that the request came from, for the audit trail; null for commands. */
  readonly address: string | null;
  /** Whether somebody still waits for the answer; who does not say always does. Slow work asks before it goes on. */
  readonly isWaiting?: () => boolean;
}
