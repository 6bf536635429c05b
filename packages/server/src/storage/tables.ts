import type { ColumnType, Generated } from "kysely";

/** JSON as text: both drivers give and take the text itself, so key order and numbers stay as they came. */
type Json = string;
/** Stored as the database's own boolean; read it with Boolean(), for SQLite answers 0 and 1. */
type Flag = ColumnType<boolean | 0 | 1, boolean, boolean>;
/** Milliseconds since 1970. */
type Instant = number;

export interface SchemaMigrationTable {
  name: string;
  applied_at: Instant;
}
/** Blocks of ids that were handed to processes: `next_id` was never given to anyone. */
export interface IdBlockTable {
  noun: string;
  next_id: number;
}
/** Facts about the installation as a whole. */
export interface InstallationTable {
  name: string;
  value: string;
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
  is_active: Flag;
  created_at: Instant;
  last_change: Instant;
  version: number;
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
export interface UserAccountTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  username: string;
  username_key: string;
  password_hash: string | null;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  external_id: string | null;
  klass: string | null;
  description: string | null;
  avatar_url: string | null;
  is_active: Flag;
  groups: Json;
  aaa_profile: Json;
  role: string | null;
  profile_names: Json;
  expiration: Instant | null;
  date_joined: Instant;
  first_login: Instant | null;
  last_login: Instant | null;
  last_change: Instant;
  version: number;
}
export interface UserGroupTable {
  name_space_id: number;
  user_id: number;
  name: string;
}
export interface UserProfileTable {
  name_space_id: number;
  user_id: number;
  position: number;
  profile_name_space_id: number;
  profile_id: number;
}
export interface TimeBalanceTable {
  name_space_id: number;
  user_id: number;
  seconds: number;
}
export interface TimeLedgerTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  user_id: number | null;
  pseudonym: string | null;
  delta: number;
  balance_after: number | null;
  reason: string | null;
  actor: string;
  created_at: Instant;
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
export interface KeptCountTable {
  name_space_id: number;
  organization_id: number;
  counted: string;
  slot: number;
  total: Generated<number>;
}

/** Every table, by its name in both databases. */
export interface Tables {
  schema_migration: SchemaMigrationTable;
  id_block: IdBlockTable;
  installation: InstallationTable;
  organization: OrganizationTable;
  api_token: ApiTokenTable;
  aaa_profile: AaaProfileTable;
  user_account: UserAccountTable;
  user_group: UserGroupTable;
  user_profile: UserProfileTable;
  time_balance: TimeBalanceTable;
  time_ledger: TimeLedgerTable;
  audit_entry: AuditEntryTable;
  outbox_event: OutboxEventTable;
  kept_count: KeptCountTable;
}
