import type { PostgresPool, PostgresPoolClient } from "kysely";
import { holdBack } from "./postgres-sending.ts";

/** A connection on which several statements are under way at once, answered in the order in which they were sent. */
interface Lane {
  readonly client: Promise<PostgresPoolClient>;
  underWay: number;
}

/** Statements of one connection at once, before another connection takes some. */
const maxTogether = 8;

/** Runs one short statement beside others. */
export type RunTogether = (text: string, values: readonly unknown[]) => Promise<readonly unknown[]>;

/**
 * Short statements that are asked for at the same time share connections instead of taking one each, and those of one tick of the
 * event loop go out together.
 * Each is a transaction by itself; one that fails fails alone. The pool must have been opened with `pipeline`.
 */
export const createLanes = (pool: PostgresPool, maxLanes: number): RunTogether => {
  const lanes: Lane[] = [];

  const take = (): Lane => {
    let freest: Lane | undefined;
    for (const lane of lanes) if (!freest || lane.underWay < freest.underWay) freest = lane;
    if (freest && (freest.underWay < maxTogether || lanes.length >= maxLanes)) return freest;
    const lane = { client: pool.connect(), underWay: 0 };
    lanes.push(lane);
    return lane;
  };

  /** Only a lane without statements goes back to the pool, which looks whether its connection is sound. */
  const leave = (lane: Lane): void => {
    lane.underWay -= 1;
    if (lane.underWay > 0) return;
    lanes.splice(lanes.indexOf(lane), 1);
    void lane.client.then(
      (client) => client.release(),
      () => {},
    );
  };

  return async (text, values) => {
    const lane = take();
    lane.underWay += 1;
    try {
      const client = await lane.client;
      holdBack(client);
      return (await client.query<unknown>(text, values)).rows;
    } finally {
      leave(lane);
    }
  };
};
