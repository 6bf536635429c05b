import { setImmediate as nextTick } from "node:timers/promises";
import type { Job } from "../../../jobs/scheduler.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { LedgerProofStore, LedgerSum } from "./ledger-proof.store.ts";

/** Rows that one statement may look at: well below a millisecond where the machine is quick. */
const rowsPerSlice = 300;
const slicesPerRun = 20;
/** A pass over all ledgers begins a day after the one before. */
const passEveryMs = 24 * 60 * 60 * 1000;
/** After such a pause, a process reads how far another process has come. */
const staleMs = 10_000;
/** How much of a pass is repeated after a process died. */
const keptEveryMs = 60_000;

/** A balance that is not the sum of its ledger. */
export interface Discrepancy {
  readonly namespaceId: number;
  readonly userId: number;
  readonly balance: number;
  readonly sum: number;
}

/** How far a pass has come. It is kept in the database, so that another process can go on with it. */
interface Pass {
  readonly startedAtMs: number;
  finishedAtMs: number | null;
  namespaceId: number;
  phase: "ledger" | "balances";
  userId: number;
  /** What was read of a user whose rows did not fit into one slice. */
  open: (LedgerSum & { readonly slices: number }) | null;
  users: number;
  discrepancies: number;
}

export interface LedgerProofDependencies {
  readonly store: LedgerProofStore;
  /** The pass as it was kept last. */
  find(): Promise<string | undefined>;
  keep(pass: string): Promise<void>;
  readonly clock: Clock;
  onDiscrepancy(discrepancy: Discrepancy): void;
}

export interface LedgerProof {
  readonly job: Job;
  /** What this process knows of the last pass. */
  figures(): { readonly users: number; readonly discrepancies: number; readonly finishedAtMs: number };
}

const newPass = (startedAtMs: number): Pass => ({
  startedAtMs,
  finishedAtMs: null,
  namespaceId: 0,
  phase: "ledger",
  userId: 0,
  open: null,
  users: 0,
  discrepancies: 0,
});

/**
 * Proves that the rows of each user's ledger add up to the balance. It works in slices of bounded cost, some six thousand rows a second,
 * and reports discrepancies; it changes nothing.
 */
export const createLedgerProof = (deps: LedgerProofDependencies): LedgerProof => {
  const { store, clock } = deps;
  let pass: Pass | undefined;
  let keptAtMs = 0;
  let ranAtMs = 0;
  const figures = { users: 0, discrepancies: 0, finishedAtMs: 0 };

  const report = (on: Pass, userId: number, balance: number, sum: number) => {
    on.discrepancies += 1;
    deps.onDiscrepancy({ namespaceId: on.namespaceId, userId, balance, sum });
  };

  /** Reads a user again whose rows were read by several statements: one of them may have changed between two statements. */
  const addsUpNow = async (on: Pass, userId: number): Promise<{ sum: number; balance: number }> => {
    let found = { sum: 0, balance: 0 };
    for (let id = 0; ; ) {
      const [next] = await store.ledgerAfter(on.namespaceId, { userId, id }, rowsPerSlice);
      if (next?.userId !== userId) return found;
      found = { sum: found.sum + next.total, balance: next.seconds ?? 0 };
      if (next.rows < rowsPerSlice) return found;
      id = next.lastId;
      await nextTick();
    }
  };

  const check = async (on: Pass, one: LedgerSum & { readonly slices: number }): Promise<void> => {
    on.users += 1;
    if (one.total === (one.seconds ?? 0)) return;
    const again = one.slices === 1 ? { sum: one.total, balance: one.seconds ?? 0 } : await addsUpNow(on, one.userId);
    if (again.sum !== again.balance) report(on, one.userId, again.balance, again.sum);
  };

  const proveLedger = async (on: Pass): Promise<void> => {
    const after = on.open ? { userId: on.open.userId, id: on.open.lastId } : { userId: on.userId, id: endOfUser };
    const sums = await store.ledgerAfter(on.namespaceId, after, rowsPerSlice);
    const isEnd = sums.reduce((rows, one) => rows + one.rows, 0) < rowsPerSlice;
    const users = sums.map((one) => ({ ...one, slices: 1 }));
    const { open } = on;
    if (open && users[0]?.userId === open.userId) {
      users[0] = { ...users[0], total: users[0].total + open.total, slices: open.slices + 1 };
    } else if (open) users.unshift(open);
    on.open = isEnd ? null : users.pop()!;
    for (const one of users) await check(on, one);
    on.userId = users.at(-1)?.userId ?? on.userId;
    if (isEnd) Object.assign(on, { phase: "balances", userId: 0 });
  };

  const proveBalances = async (on: Pass): Promise<void> => {
    const balances = await store.balancesAfter(on.namespaceId, on.userId, rowsPerSlice);
    for (const { userId, seconds, hasRows } of balances) if (!hasRows && seconds !== 0) report(on, userId, seconds, 0);
    on.userId = balances.at(-1)?.userId ?? on.userId;
    if (balances.length === rowsPerSlice) return;
    const [next] = await store.namespacesAfter(on.namespaceId, 1);
    if (next === undefined) on.finishedAtMs = clock.nowMs();
    else Object.assign(on, { namespaceId: next, phase: "ledger", userId: 0 });
  };

  /** The pass to go on with: this process's own, unless another process may have gone on with it. */
  const resume = async (): Promise<Pass> => {
    const nowMs = clock.nowMs();
    let found = isWithin(staleMs, ranAtMs, nowMs) ? pass : undefined;
    if (!found) {
      const kept = await deps.find();
      found = kept === undefined ? newPass(nowMs) : (JSON.parse(kept) as Pass);
      keptAtMs = nowMs;
    }
    const isDue = found.finishedAtMs !== null && !isWithin(passEveryMs, found.startedAtMs, nowMs);
    return isDue ? newPass(nowMs) : found;
  };

  const keep = async (on: Pass): Promise<void> => {
    keptAtMs = clock.nowMs();
    await deps.keep(JSON.stringify(on));
  };

  return {
    figures: () => figures,
    job: {
      name: "prove the ledger",
      runs: "in_one_process",
      everyMs: 1_000,
      async run(mayGoOn) {
        pass = await resume();
        for (let slice = 0; slice < slicesPerRun && pass.finishedAtMs === null && mayGoOn(); slice += 1) {
          // A slice that fails leaves no trace, so that it is proved again.
          const next: Pass = { ...pass };
          await (next.phase === "ledger" ? proveLedger(next) : proveBalances(next));
          pass = next;
          if (pass.finishedAtMs !== null || !isWithin(keptEveryMs, keptAtMs, clock.nowMs())) await keep(pass);
          await nextTick();
        }
        ranAtMs = clock.nowMs();
        const { users, discrepancies } = pass;
        Object.assign(figures, { users, discrepancies, finishedAtMs: pass.finishedAtMs ?? figures.finishedAtMs });
      },
    },
  };
};

/** An id beyond every row's: what comes after it is the next user. */
const endOfUser = Number.MAX_SAFE_INTEGER;
