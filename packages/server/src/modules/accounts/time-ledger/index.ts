export type { DebitStore } from "./debit.store.ts";
export { createLedgerProof, type Discrepancy, type LedgerProof } from "./ledger-proof.job.ts";
export type { LedgerEntry, NewLedgerEntry, TimeLedgerStore } from "./time-ledger.store.ts";
