import type { Tenant } from "./tenants.ts";

/** A Disconnect-Request about session 1 of a tenant's client 7, due since 10 ms after 1970. */
export const disconnectRequestOf = (tenant: Pick<Tenant, "id" | "namespaceId">) =>
  ({
    namespaceId: tenant.namespaceId,
    organizationId: tenant.id,
    sessionId: 1,
    clientId: 7,
    kind: "disconnect",
    reason: "test",
    actor: "system:test",
    createdAtMs: 10,
    dueAtMs: 10,
  }) as const;
