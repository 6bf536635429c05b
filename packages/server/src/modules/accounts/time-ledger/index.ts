export { createTimeLedgerStore, type LedgerEntry, type TimeLedgerStore } from "./time-ledger.store.ts";
