export { createTimeLedgerStore, type LedgerEntry, type NewLedgerEntry, type TimeLedgerStore } from "./time-ledger.store.ts";
