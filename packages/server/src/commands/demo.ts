import type { Command } from "commander";
import { isLoopback } from "../config/machine-addresses.ts";
import { isUntouched, loadDemoWorld } from "../demo/load-demo-world.ts";
import { ensureRootOrganization } from "../startup/first-start.ts";
import { CommandRefused } from "./command-refused.ts";
import { withInstallation } from "./with-installation.ts";

export const addDemoCommand = (program: Command): void => {
  program
    .command("demo")
    .description("load the world of the API's documents into an empty database, for trying and testing")
    .option("--force", "also where the server listens beyond this machine: the demo passwords are published")
    .addHelpText(
      "after",
      "\nExamples:\n  $ gatehouse demo              # into the database that `gatehouse serve` has made\n  $ gatehouse serve --demo      # at the first start, in one step\n",
    )
    .action(async (options: { force?: boolean }) => {
      await withInstallation(async (app, config) => {
        if (!isLoopback(config.host) && !options.force) {
          throw new CommandRefused(
            "The demo world's passwords are published, and GATEHOUSE_HOST listens beyond this machine. Unset it, or add --force.",
          );
        }
        await ensureRootOrganization(app);
        if (!(await isUntouched(app)))
          throw new CommandRefused("The database is not empty. The demo world is loaded into an empty one only.");
        await loadDemoWorld(app);
        process.stdout.write("The demo world is loaded: 8 organizations, 4 AAA profiles, 5 accounts with published passwords.\n");
      });
    });
};
