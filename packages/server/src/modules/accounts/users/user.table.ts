import type { Flag, Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    user_account: UserAccountTable;
    user_group: UserGroupTable;
    user_profile: UserProfileTable;
  }
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
