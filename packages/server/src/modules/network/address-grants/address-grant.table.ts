import type { Flag, Instant } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    address_grant: AddressGrantTable;
  }
}

export interface AddressGrantTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  network: string;
  /** The network as text that sorts by its first address: wider ranges come before those inside. */
  network_key: string;
  is_shared: Flag;
  is_disputed: Flag;
  description: string | null;
  created_at: Instant;
  last_change: Instant;
  version: number;
}
