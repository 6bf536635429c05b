import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    aaa_profile: AaaProfileTable;
  }
}

export interface AaaProfileTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  short_name: string;
  name: string;
  description: string | null;
  check_attributes: Json;
  reply_attributes: Json;
  created_at: Instant;
  last_change: Instant;
  version: number;
}
