import type { ColumnType, Generated } from "kysely";
import type { AaaClientAddressTable, AddressGrantTable } from "./address-tables.ts";
import type { Flag, Instant, Json } from "./column-values.ts";
import type {
  AccessDecisionTable,
  ClientContactTable,
  ReservationTable,
  SessionDeadlineTable,
  SessionEventTable,
  SessionRequestTable,
  SessionTable,
} from "./network-tables.ts";

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
  reversible_secrets: Flag;
  min_password_length: number | null;
  login_rules: Json;
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
export interface AaaClientTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  short_name: string;
  address: string;
  more_addresses: Json;
  coa_address: string | null;
  /** Sealed. */
  secret: string;
  nas_identifier: string | null;
  description: string | null;
  coa_port: number | null;
  require_message_authenticator: Flag;
  is_active: Flag;
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
/** A password that its organization keeps readable for methods that no hash serves, sealed. */
export interface ReversibleSecretTable {
  name_space_id: number;
  user_id: number;
  secret: string;
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
  /** The session whose debited time the row is. It grows until it is sealed. */
  session_id: number | null;
  sealed_at: Instant | null;
  last_burn: Instant | null;
}
export interface DeviceTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  user_id: number | null;
  kind: "inventory" | "number" | "generic_id" | "imei" | "imsi" | "iccid";
  identifier: string;
  device_type: string | null;
  serial_number: string | null;
  model: string | null;
  assigned_date: Instant | null;
  status: string | null;
  created_at: Instant;
  last_change: Instant;
  version: number;
}
export interface DeviceMoveTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  device_id: number;
  user_id: number | null;
  pseudonym: string | null;
  assigned_at: Instant;
  unassigned_at: Instant | null;
  operation: string;
  actor: string;
}
export interface UserExtraTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  parent_id: number;
  title: string | null;
  gender: "m" | "f" | "o" | null;
  birthday: string | null;
  age: number | null;
  age_range: string | null;
  telephone: string | null;
  address: string | null;
  city: string | null;
  state: string | null;
  postal_code: string | null;
  country: string | null;
  country_id: string | null;
  company: string | null;
  /** Sealed, as is the passport number. */
  tax_id: string | null;
  passport_number: string | null;
  hometown: string | null;
  location: string | null;
  locale: string | null;
  event: string | null;
  accept_terms: ColumnType<boolean | 0 | 1 | null, boolean | null, boolean | null>;
  custom_field_1: string | null;
  custom_field_2: string | null;
  custom_field_3: string | null;
  custom_field_4: string | null;
  custom_field_5: string | null;
  custom_field_6: string | null;
  custom_field_7: string | null;
  custom_field_8: string | null;
  preferences: Json;
  custom_fields: Json;
  created_at: Instant;
  updated_at: Instant;
  version: number;
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

export interface LeaseTable {
  name: string;
  holder: string;
  /** By the database's clock. */
  expires_at: Instant;
}

/** Every table, by its name in both databases. */
export interface Tables {
  schema_migration: SchemaMigrationTable;
  id_block: IdBlockTable;
  installation: InstallationTable;
  organization: OrganizationTable;
  api_token: ApiTokenTable;
  aaa_profile: AaaProfileTable;
  address_grant: AddressGrantTable;
  aaa_client: AaaClientTable;
  aaa_client_address: AaaClientAddressTable;
  user_account: UserAccountTable;
  reversible_secret: ReversibleSecretTable;
  user_group: UserGroupTable;
  user_profile: UserProfileTable;
  time_balance: TimeBalanceTable;
  time_ledger: TimeLedgerTable;
  access_decision: AccessDecisionTable;
  reservation: ReservationTable;
  session: SessionTable;
  session_event: SessionEventTable;
  session_deadline: SessionDeadlineTable;
  session_request: SessionRequestTable;
  client_contact: ClientContactTable;
  device: DeviceTable;
  device_move: DeviceMoveTable;
  user_extra: UserExtraTable;
  audit_entry: AuditEntryTable;
  outbox_event: OutboxEventTable;
  kept_count: KeptCountTable;
  lease: LeaseTable;
}
