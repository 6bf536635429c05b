import { type Collector, counter, gauge } from "./metrics/family.ts";
import type { Authenticator } from "./modules/foundation/api-tokens/index.ts";
import type { Database } from "./storage/database.ts";

/** What the parts of the app have counted, as metrics. */
export const appFigures =
  (version: string, { database, authenticator }: { database: Database; authenticator: Authenticator }): Collector =>
  () => {
    const units = database.figures();
    const tokens = authenticator.figures();
    return [
      gauge(
        "gatehouse_info",
        "Always 1; the labels tell the version and the database.",
        [{ labels: { version, database: database.name }, value: 1 }],
        "max",
      ),
      gauge("gatehouse_processes", "Processes that answer requests.", 1),
      counter("gatehouse_database_units_total", "Units of work that ended.", units.units),
      counter(
        "gatehouse_database_flushes_total",
        "Commits that made units durable; units divided by flushes is how many shared one.",
        units.flushes,
      ),
      gauge("gatehouse_database_waiting", "What waits for the database: units of work, and reads without a connection.", [
        { labels: { kind: "unit" }, value: units.unitsWaiting },
        { labels: { kind: "read" }, value: units.readsWaiting },
      ]),
      gauge("gatehouse_database_connections", "Connections to the database.", [
        { labels: { state: "open" }, value: units.connections.open },
        { labels: { state: "idle" }, value: units.connections.idle },
      ]),
      counter("gatehouse_token_lookups_total", "Lookups of bearer tokens, by what answered them.", [
        { labels: { from: "memory" }, value: tokens.hits },
        { labels: { from: "database" }, value: tokens.misses },
      ]),
    ];
  };
