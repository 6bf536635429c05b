import type { Handle } from "./database.ts";
import { padded } from "./in-list.ts";
import { type Rows, shaped } from "./prepared.ts";
import { runnerOf } from "./statements.ts";

interface Asked<Row> {
  resolve(rows: readonly Row[]): void;
  reject(error: unknown): void;
}

/** Rows of one statement at most. */
const mostGathered = 128;

/**
 * Reads single rows by a number. Where statements travel, those that are asked for in one turn of the event loop travel
 * together: under load a row then costs a part of a round trip.
 */
export const gathered = <Row extends { id: number }>(
  build: Parameters<typeof shaped<{ readonly ids: readonly number[] }, Row>>[0],
): ((handle: Handle, id: number) => Rows<Row>) => {
  const select = shaped(build);
  const waiting = new WeakMap<Handle, Map<number, Asked<Row>[]>>();

  const send = async (handle: Handle, asked: ReadonlyMap<number, Asked<Row>[]>): Promise<void> => {
    try {
      const rows = await select(handle, null, { ids: padded([...asked.keys()]) });
      const byId = Map.groupBy(rows, (row) => row.id);
      for (const [id, askers] of asked) for (const { resolve } of askers) resolve(byId.get(id) ?? []);
    } catch (error) {
      for (const askers of asked.values()) for (const { reject } of askers) reject(error);
    }
  };

  const ask = (handle: Handle, id: number, asker: Asked<Row>): void => {
    let asked = waiting.get(handle);
    if (!asked || asked.size >= mostGathered) {
      const collecting = new Map<number, Asked<Row>[]>();
      asked = collecting;
      waiting.set(handle, collecting);
      setImmediate(() => {
        if (waiting.get(handle) === collecting) waiting.delete(handle);
        void send(handle, collecting);
      });
    }
    const askers = asked.get(id);
    if (askers) askers.push(asker);
    else asked.set(id, [asker]);
  };

  return (handle, id) => {
    const together = runnerOf(handle).gatheringHandle?.();
    return together ? new Promise((resolve, reject) => ask(together, id, { resolve, reject })) : select(handle, null, { ids: [id] });
  };
};
