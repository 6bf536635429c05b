export { type LedgerEntry, type NewLedgerEntry, type TimeLedgerStore, timeLedgerStoreOver } from "./time-ledger.store.ts";
