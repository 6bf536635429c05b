import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    audit_entry: AuditEntryTable;
    outbox_event: OutboxEventTable;
  }
}

export interface AuditEntryTable {
  name_space_id: number;
  id: string;
  organization_id: number;
  created_at: Instant;
  actor_kind: string;
  actor_id: number | null;
  actor_name: string;
  operation: string;
  resource: string;
  resource_id: number;
  before: Json | null;
  after: Json | null;
  request_id: string;
  address: string | null;
}

export interface OutboxEventTable {
  name_space_id: number;
  id: string;
  organization_id: number;
  created_at: Instant;
  event: string;
  resource_id: number;
  audit_entry_id: string;
}
