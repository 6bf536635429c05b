import type { Instant } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    time_balance: TimeBalanceTable;
    time_ledger: TimeLedgerTable;
  }
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
