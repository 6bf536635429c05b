export { type DebitStore, debitStoreOver } from "./debit.store.ts";
export { createLedgerProof, type Discrepancy, type LedgerProof } from "./ledger-proof.job.ts";
export { createLedgerProofStore, type LedgerProofStore } from "./ledger-proof.store.ts";
export { createTimeLedgerStore, type LedgerEntry, type NewLedgerEntry, type TimeLedgerStore } from "./time-ledger.store.ts";
