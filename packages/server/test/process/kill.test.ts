import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Served, serveProgram } from "../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../support/world.ts";

const workers = 12;
/** The kill comes when this many changes of each kind were answered. */
const enough = 60;
/** One kill each in the suite; `npm run chaos` has many. */
const kills = Number(process.env["TEST_KILLS"] ?? 1);
const patienceMs = 120_000;

interface Entry {
  delta: number;
  balance_after: number | null;
  reason: string | null;
}

/** What the server answered: the balances set and the reasons of top-ups, all different. */
interface Answered {
  readonly set: number[];
  readonly added: string[];
}

/** Changes a balance from many sides until the server is gone, and notes what it answered. */
const changeUntilGone = async (server: Served, answered: Answered): Promise<void> => {
  const work = async (worker: number) => {
    for (let round = 1; ; round += 1) {
      try {
        if (worker % 2 === 0) {
          const user_time = worker * 1_000_000 + round * 1_000;
          const answer = await server.request("PATCH", "/user_token/1/", fullToken, { user_time });
          assert.equal(answer.status, 200);
          answered.set.push(user_time);
          await answer.arrayBuffer();
        } else {
          const reason = `worker ${worker} round ${round}`;
          const answer = await server.request("POST", "/user_token/1/top_up/", fullToken, { seconds: 1 + (round % 7), reason });
          assert.equal(answer.status, 200);
          answered.added.push(reason);
          await answer.arrayBuffer();
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
};

const ledgerOf = async (server: Served): Promise<Entry[]> => {
  const rows: Entry[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer: Response = await server.request("GET", `/user_token/1/time_ledger/?limit=100&cursor=${cursor}`, fullToken);
    assert.equal(answer.status, 200);
    const page = (await answer.json()) as { next: string | null; results: Entry[] };
    rows.push(...page.results);
    cursor = page.next === null ? null : new URL(page.next).searchParams.get("cursor");
  }
  return rows;
};

describe("kill -9 in the middle of concurrent changes of a balance", () => {
  for (const database of databaseNames) {
    for (let kill = 1; kill <= kills; kill += 1)
      it(`loses no answered write and leaves a ledger that adds up (${database}, kill ${kill})`, async () => {
        const { environment, drop } = await freshDatabase(database);
        const settings = { ...environment, GATEHOUSE_LOG_LEVEL: "warn" };
        try {
          const server = await serveProgram(settings);
          const answered: Answered = { set: [], added: [] };
          const { set, added } = answered;
          const changes = changeUntilGone(server, answered);
          for (let waitedMs = 0; Math.min(set.length, added.length) < enough && waitedMs < patienceMs; waitedMs += 20) await pause(20);
          const ended = await server.end("SIGKILL");
          assert.equal(ended.signal, "SIGKILL");
          await changes;
          assert.ok(Math.min(set.length, added.length) >= enough, `too little was answered: ${set.length} and ${added.length}`);

          const again = await serveProgram(settings);
          try {
            const rows = await ledgerOf(again);
            const reasons = new Set(rows.map((row) => row.reason));
            const balances = new Set(rows.filter((row) => row.reason === "balance set").map((row) => row.balance_after));
            assert.deepEqual(
              added.filter((reason) => !reasons.has(reason)),
              [],
              "answered top-ups that are lost",
            );
            assert.deepEqual(
              set.filter((balance) => !balances.has(balance)),
              [],
              "answered balances that are lost",
            );
            assert.ok(rows.length <= 1 + set.length + added.length + workers, "at most one unanswered change a worker");
            const answer = await again.request("GET", "/user_token/1/?balance=true", fullToken);
            const { user_time } = (await answer.json()) as { user_time: number };
            assert.equal(
              rows.reduce((sum, row) => sum + row.delta, 0),
              user_time,
            );
            assert.equal(rows.at(-1)!.balance_after, user_time, "the ledger stands in the order of the changes");
            const made = await again.request("POST", "/user_token/", fullToken, { username: "after.the.crash", user_time: 5 });
            assert.equal(made.status, 201, "ids go on after the crash");
          } finally {
            await again.end("SIGKILL");
          }
        } finally {
          await drop();
        }
      });
  }
});
