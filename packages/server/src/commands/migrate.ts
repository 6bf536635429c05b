import type { Command } from "commander";
import { systemClock } from "../kernel/clock.ts";
import { type DisputedGrant, listDisputedGrants } from "../modules/network/address-grants/index.ts";
import { explainDatabaseFailure } from "../startup/database-failure.ts";
import { openDatabase, requireItsKey, requireSchema } from "../startup/installation.ts";
import { migrate, pendingMigrations } from "../storage/migrator.ts";
import { environmentConfig } from "./environment-config.ts";
import { createLog } from "./log.ts";
import { textTable } from "./text-table.ts";

export const addMigrateCommand = (program: Command): void => {
  program
    .command("migrate")
    .description("bring the database to the schema of this version (serve does it by itself)")
    .option("--dry-run", "only say which migrations would run")
    .addHelpText(
      "after",
      "\nExamples:\n  $ gatehouse migrate --dry-run\n  $ DATABASE_URL=postgres://gatehouse@localhost/gatehouse gatehouse migrate\n",
    )
    .action(async (options: { dryRun?: boolean }) => {
      const config = environmentConfig();
      const database = await openDatabase(config, createLog("warn").logger, "must_exist");
      try {
        await requireSchema(database);
        await requireItsKey(database, config);
        const names = options.dryRun ? await pendingMigrations(database) : await migrate(database, systemClock);
        const said = options.dryRun ? "would run" : "ran";
        process.stdout.write(names.length === 0 ? "The schema is up to date.\n" : names.map((name) => `${said} ${name}\n`).join(""));
        if (!options.dryRun) process.stdout.write(overlapText(await listDisputedGrants(database.reader)));
      } catch (error) {
        throw explainDatabaseFailure(error, config);
      } finally {
        await database.close();
      }
    });
};

const overlapText = (grants: readonly DisputedGrant[]): string => {
  if (grants.length === 0) return "";
  const rows = grants.map(({ id, network, organizationId, slug }) => [network, `${slug} (${organizationId})`, String(id)]);
  return `\nAddress grants of organizations overlap. The narrowest counts until one of each two is deleted:\n\n${textTable(["network", "organization", "grant"], rows)}`;
};
