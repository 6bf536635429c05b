import { debitStore } from "./debit.store.ts";
import { ledgerProofStore } from "./ledger-proof.store.ts";
import { timeLedgerStore } from "./time-ledger.store.ts";

export const timeLedgerModule = {
  name: "accounts/time-ledger",
  stores: { timeLedger: timeLedgerStore, ledgerProof: ledgerProofStore, debits: debitStore },
} as const;
