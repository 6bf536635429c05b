import type { Flag, Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    aaa_client: AaaClientTable;
    aaa_client_address: AaaClientAddressTable;
  }
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

/** Where the packets of clients come from: each address or range of each client. */
export interface AaaClientAddressTable {
  client_id: number;
  address: string;
  address_key: string;
}
