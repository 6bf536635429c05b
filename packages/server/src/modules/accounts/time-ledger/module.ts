import { systemCaller } from "../../../kernel/caller.ts";
import { type Family, gauge } from "../../../metrics/family.ts";
import type { InstallationStore } from "../../foundation/installation/index.ts";
import type { House } from "../../manifest.ts";
import { debitStore } from "./debit.store.ts";
import { createLedgerProof, type LedgerProof } from "./ledger-proof.job.ts";
import { type LedgerProofStore, ledgerProofStore } from "./ledger-proof.store.ts";
import { timeLedgerStore } from "./time-ledger.store.ts";

export interface Stores {
  readonly ledgerProof: LedgerProofStore;
  readonly installation: InstallationStore;
}

/** Under which name the installation keeps how far the proof has come. */
const passName = "ledger_proof";

export const timeLedgerModule = {
  name: "accounts/time-ledger",
  stores: { timeLedger: timeLedgerStore, ledgerProof: ledgerProofStore, debits: debitStore },
  build({ work, clock, logger }: House<Stores>) {
    const proof = createLedgerProof({
      store: work.acrossTenants("a job proves every ledger").ledgerProof,
      find: () => work.acrossTenants("a pass belongs to no tenant").installation.find(passName),
      keep: (pass) => work.run(systemCaller("ledger-proof"), (tx) => tx.installation.keep(passName, pass)),
      clock,
      onDiscrepancy: (found) => logger.error(found, "a balance is not the sum of its ledger"),
    });
    return { jobs: [proof.job], figures: { collect: () => proofFigures(proof) } };
  },
} as const;

const proofFigures = (proof: LedgerProof): Family[] => {
  const { discrepancies, users, finishedAtMs } = proof.figures();
  return [
    gauge("gatehouse_ledger_discrepancies", "Balances that the last proof found not to be the sum of their ledger.", discrepancies, "max"),
    gauge("gatehouse_ledger_proved_users", "Users whose ledger the last proof has added up.", users, "max"),
    gauge(
      "gatehouse_ledger_proof_finished_seconds",
      "When the last proof of all ledgers ended, in seconds since 1970.",
      finishedAtMs / 1000,
      "max",
    ),
  ];
};
