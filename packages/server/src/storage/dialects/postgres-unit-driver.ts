import type { CompiledQuery, DatabaseConnection, Driver, PostgresQueryResult, QueryResult } from "kysely";

/** Runs a statement on the connection of a unit, after everything that waits. */
export type RunInUnit = <Row>(text: string, values: readonly unknown[]) => Promise<PostgresQueryResult<Row>>;

/** Kysely over the connection of a unit: whatever it builds may depend on all that came before. */
export const driverOf = (run: RunInUnit): Driver => {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const { command, rowCount, rows } = await run<Row>(sql, parameters);
      const counts = command === "INSERT" || command === "UPDATE" || command === "DELETE" || command === "MERGE";
      return counts ? { numAffectedRows: BigInt(rowCount), rows } : { rows };
    },
    streamQuery() {
      throw new Error("Units read no streams.");
    },
  };
  const done = async () => {};
  return {
    init: done,
    acquireConnection: async () => connection,
    releaseConnection: done,
    beginTransaction: done,
    commitTransaction: done,
    rollbackTransaction: done,
    destroy: done,
  };
};
