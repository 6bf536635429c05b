import { createAuditStore } from "./audit.store.ts";

export const auditModule = {
  name: "foundation/audit",
  stores: () => ({ audit: createAuditStore }),
} as const;
