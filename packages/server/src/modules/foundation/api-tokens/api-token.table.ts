import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    api_token: ApiTokenTable;
  }
}

export interface ApiTokenTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  name: string;
  token_hash: string;
  scopes: Json;
  expires_at: Instant | null;
  revoked_at: Instant | null;
  last_used_at: Instant | null;
  created_at: Instant;
  last_change: Instant;
  version: number;
}
