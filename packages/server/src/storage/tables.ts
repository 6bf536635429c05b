import type { Instant } from "./column-values.ts";

interface SchemaMigrationTable {
  name: string;
  applied_at: Instant;
}

/** Blocks of ids that were handed to processes: `next_id` was never given to anyone. */
interface IdBlockTable {
  noun: string;
  next_id: number;
}

/** Facts about the installation as a whole. */
interface InstallationTable {
  name: string;
  value: string;
}

interface LeaseTable {
  name: string;
  holder: string;
  /** By the database's clock. */
  expires_at: Instant;
}

/** Every table, by its name in both databases. Those of a module stand in its `.table.ts`, which adds them here. */
export interface Tables {
  schema_migration: SchemaMigrationTable;
  id_block: IdBlockTable;
  installation: InstallationTable;
  lease: LeaseTable;
}
