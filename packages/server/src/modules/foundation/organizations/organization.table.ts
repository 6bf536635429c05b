import type { Flag, Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    organization: OrganizationTable;
  }
}

export interface OrganizationTable {
  name_space_id: number;
  id: number;
  parent_id: number | null;
  slug: string;
  name: string;
  name_key: string;
  description: string | null;
  own_usernames: Flag;
  reversible_secrets: Flag;
  min_password_length: number | null;
  login_rules: Json;
  is_active: Flag;
  created_at: Instant;
  last_change: Instant;
  version: number;
}
