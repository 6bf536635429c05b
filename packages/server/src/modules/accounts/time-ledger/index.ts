export { type DebitStore, debitStore } from "./debit.store.ts";
export { createLedgerProof, type Discrepancy, type LedgerProof } from "./ledger-proof.job.ts";
export { type LedgerProofStore, ledgerProofStore } from "./ledger-proof.store.ts";
export { type LedgerEntry, type NewLedgerEntry, type TimeLedgerStore, timeLedgerStore } from "./time-ledger.store.ts";
