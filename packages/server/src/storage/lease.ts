import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * What one process at a time may hold, by the database's clock: those of the machines need not agree. An end that lies
 * further ahead than a lease is long comes from a clock that ran ahead, and has passed.
 */
export interface Lease {
  /** Takes the lease or holds on to it; false when another process has it. It ends `lengthMs` after this call began. */
  take(): Promise<boolean>;
  /** Gives the lease back, if it is held. */
  release(): Promise<void>;
}

/** A lease of this name for one holder, whose name no other process has. */
export const createLease = (deps: { database: Database; name: string; holder: string; lengthMs: number }): Lease => {
  const { database, name, holder, lengthMs } = deps;
  const now = database.capabilities.databaseNowMs;
  const end = sql<number>`${now} + ${sql.lit(lengthMs)}`;
  return {
    take: () =>
      database.write(async (handle) => {
        const row = await handle
          .insertInto("lease")
          .values({ name, holder, expires_at: end })
          .onConflict((conflict) =>
            conflict
              .column("name")
              .doUpdateSet({ holder, expires_at: end })
              .where((eb) => eb.or([eb("lease.holder", "=", holder), eb("lease.expires_at", "<=", now), eb("lease.expires_at", ">", end)])),
          )
          .returning("holder")
          .executeTakeFirst();
        return row !== undefined;
      }),
    release: () =>
      database.write(async (handle) => {
        await handle.deleteFrom("lease").where("name", "=", name).where("holder", "=", holder).execute();
      }),
  };
};
