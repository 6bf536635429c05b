import type { Handle } from "../database.ts";
import type { Plan, StatementRunner } from "../runner.ts";
import type { RunTogether } from "./postgres-lanes.ts";
import type { Places } from "./postgres-places.ts";

/** Reads outside of units: what is short beside others, what may be long on a connection of its own, to which payers take turns. */
export const readingRunner = (
  longReads: Places,
  { owner, together, batchingHandle }: { owner: object; together: RunTogether; batchingHandle(): Handle },
): StatementRunner => {
  const refuse = () => {
    throw new Error("Outside of a unit nothing is written.");
  };
  const readLong = async <Row>({ text }: Plan, values: readonly unknown[], payer = "") => {
    const client = await longReads.take(payer);
    const sinceMs = performance.now();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      client.release();
      longReads.leave(payer, sinceMs);
    }
  };
  return {
    owner,
    locking: "none",
    read: async <Row>({ text }: Plan, values: readonly unknown[]) => (await together(text, values)) as Row[],
    readLong,
    batchingHandle,
    lockOptimistically: refuse,
    lock: refuse,
    write: refuse,
    insert: refuse,
    change: refuse,
  };
};
