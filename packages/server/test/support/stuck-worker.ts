import cluster from "node:cluster";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Word } from "../../src/workers/messages.ts";
import { runWorker } from "../../src/workers/worker-process.ts";

/** Without an end, and nothing but a killed process stops it. */
const endless = `
  const { parentPort } = require("node:worker_threads");
  const Database = require("better-sqlite3");
  parentPort.postMessage("begins");
  new Database(":memory:").prepare("with recursive n (x) as (values (1) union all select x + 1 from n) select count(*) from n").get();
`;

// A program of its own: a primary, and a worker with a thread in the middle of a statement. Says the worker's process id.
if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on("message", ({ kind }: Word) => {
    if (kind === "loaded") worker.send({ kind: "begin", task: { worker: 1, role: "node", port: 0, writerSocket: "" } });
    if (kind === "listening") process.stdout.write(`${worker.process.pid}\n`);
  });
} else {
  await runWorker(async () => {
    await once(new Worker(endless, { eval: true }), "message");
    return { address: "http://127.0.0.1:1", figures: async () => [], troubles: () => [], close: async () => {} };
  }, String);
}
