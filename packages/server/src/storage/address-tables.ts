import type { Flag, Instant } from "./column-values.ts";

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
/** Where the packets of clients come from: each address or range of each client. */
export interface AaaClientAddressTable {
  client_id: number;
  address: string;
  address_key: string;
}
