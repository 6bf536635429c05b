import type { StoreTools } from "../../manifest.ts";
import { debitStoreOver } from "./debit.store.ts";
import { createLedgerProofStore } from "./ledger-proof.store.ts";
import { createTimeLedgerStore } from "./time-ledger.store.ts";

export const timeLedgerModule = {
  name: "accounts/time-ledger",
  stores: ({ capabilities }: StoreTools) => ({
    timeLedger: createTimeLedgerStore,
    ledgerProof: createLedgerProofStore,
    debits: debitStoreOver(capabilities),
  }),
} as const;
