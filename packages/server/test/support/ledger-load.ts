import assert from "node:assert/strict";
import { type Connection, openConnection } from "./connection.ts";
import { fullToken } from "./world.ts";

/** What a load has done, as its clients have seen it. */
export interface LedgerLoad {
  readonly connections: readonly Connection[];
  /** The reasons of top-ups that were answered with 200. */
  readonly acknowledged: string[];
  /** How many requests were answered with each status, reads and writes. */
  readonly reads: ReadonlyMap<number, number>;
  readonly writes: ReadonlyMap<number, number>;
  /** Ends the load after the requests under way. */
  stop(): Promise<void>;
}

/** Tops up and reads the account 1 over some connections, by turns, without pause. */
export const loadLedger = (address: string, clients: number): LedgerLoad => {
  const connections = Array.from({ length: clients }, () => openConnection(address, fullToken));
  const acknowledged: string[] = [];
  const reads = new Map<number, number>();
  const writes = new Map<number, number>();
  let isOver = false;
  const count = (statuses: Map<number, number>, status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const work = async (connection: Connection, client: number) => {
    for (let round = 1; !isOver; round += 1) {
      const reason = `client ${client} round ${round} of ${address}`;
      const write = await connection.ask("POST", "/user_token/1/top_up/", { seconds: 1 + (round % 5), reason });
      if (write) count(writes, write.status);
      if (write?.status === 200) acknowledged.push(reason);
      const read = await connection.ask("GET", "/user_token/1/?balance=true");
      if (read) count(reads, read.status);
      // A server that is gone refuses connections faster than anything else happens.
      if (!write || !read) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = connections.map(work);
  return {
    connections,
    acknowledged,
    reads,
    writes,
    async stop() {
      isOver = true;
      await Promise.all(all);
      for (const connection of connections) connection.close();
    },
  };
};

/** Holds the ledger of account 1 against what was acknowledged, and against the balance. */
export const assertNothingLost = async (address: string, acknowledged: readonly string[]): Promise<void> => {
  const connection = openConnection(address, fullToken);
  const rows: { delta: number; balance_after: number; reason: string }[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await connection.ask("GET", `/user_token/1/time_ledger/?limit=100&cursor=${cursor}`);
    assert.equal(page?.status, 200);
    rows.push(...page!.body.results);
    cursor = page!.body.next === null ? null : new URL(page!.body.next).searchParams.get("cursor");
  }
  const reasons = new Set(rows.map((row) => row.reason));
  assert.deepEqual(
    acknowledged.filter((reason) => !reasons.has(reason)),
    [],
    "acknowledged and lost",
  );
  const balance = (await connection.ask("GET", "/user_token/1/?balance=true"))!.body.user_time;
  assert.equal(
    rows.reduce((sum, row) => sum + row.delta, 0),
    balance,
  );
  assert.equal(rows.at(-1)!.balance_after, balance);
  connection.close();
};
