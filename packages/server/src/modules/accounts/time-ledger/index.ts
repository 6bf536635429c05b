export type { DebitStore } from "./debit.store.ts";
export type { LedgerEntry, NewLedgerEntry, TimeLedgerStore } from "./time-ledger.store.ts";
