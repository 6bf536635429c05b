import type { Generated } from "kysely";

declare module "../../../storage/tables.ts" {
  interface Tables {
    kept_count: KeptCountTable;
  }
}

export interface KeptCountTable {
  name_space_id: number;
  organization_id: number;
  counted: string;
  shard: number;
  total: Generated<number>;
}
