import { addUp, exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";

/** How long a worker may take to report; after that its last report stands for it. */
const reportPatienceMs = 2_000;

export interface WorkerReports {
  /** The metrics of all workers and of this process, as text. */
  gather(workers: readonly number[]): Promise<string>;
  receive(worker: number, id: number, families: readonly Family[]): void;
  /** Keeps what a dead worker had counted: a sum that falls would look like a restart of everything. */
  retire(worker: number): Promise<void>;
}

export const createWorkerReports = (deps: { ask(worker: number, id: number): void; own(): readonly Family[] }): WorkerReports => {
  const last = new Map<number, readonly Family[]>();
  const waiting = new Map<number, (families: readonly Family[]) => void>();
  let retired: readonly Family[] = [];
  let ids = 0;

  const reportOf = (worker: number): Promise<void> =>
    new Promise((resolve) => {
      ids += 1;
      const id = ids;
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(finish, reportPatienceMs);
      waiting.set(id, finish);
      deps.ask(worker, id);
    });

  return {
    async gather(workers) {
      await Promise.all(workers.map(reportOf));
      return exposition([...last.values(), retired, deps.own()]);
    },
    receive(worker, id, families) {
      last.set(worker, families);
      waiting.get(id)?.(families);
    },
    async retire(worker) {
      const families = last.get(worker)?.filter(({ type }) => type === "counter" || type === "histogram") ?? [];
      last.delete(worker);
      retired = await addUp([retired, families]);
    },
  };
};
