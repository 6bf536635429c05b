import type { Logger } from "pino";
import type { Job } from "../jobs/scheduler.ts";
import type { Work } from "../kernel/unit-of-work.ts";
import type { InstallationStore } from "../modules/foundation/installation/index.ts";
import type { RadiusServer } from "../radius/server/radius-server.ts";
import type { Database } from "../storage/database.ts";

/** Whether this process can do what it is there for. */
export interface Readiness {
  /** What keeps this process from its work, for a person; empty where nothing does. It asks nobody. */
  troubles(): readonly string[];
  /** Throws where the database does not answer. */
  askDatabase(): Promise<void>;
  /** Looks for damage in the database, once after the start and then daily. */
  readonly damageJob: Job;
}

const daily = 24 * 60 * 60_000;

export interface ReadinessDependencies {
  readonly database: Pick<Database, "findDamage">;
  readonly work: Work<{ readonly installation: InstallationStore }>;
  readonly radius: RadiusServer;
  readonly logger: Logger;
}

export const createReadiness = ({ database, work, radius, logger }: ReadinessDependencies): Readiness => {
  let isDamaged = false;

  return {
    troubles: () => [
      ...(isDamaged ? ["The database is damaged: restore it from a backup. The log says what was found."] : []),
      ...radius.missing().map(({ name, host, port }) => `RADIUS ${name} does not listen on UDP port ${port} of ${host}. The log says why.`),
    ],
    askDatabase: async () => void (await work.acrossTenants("whether it answers is no tenant's").installation.find("")),
    damageJob: {
      name: "look for damage",
      runs: "in_each_writer",
      everyMs: daily,
      async run() {
        const damage = await database.findDamage();
        isDamaged = damage !== undefined;
        if (isDamaged) logger.error({ damage }, "the database is damaged: stop Gatehouse and restore a backup");
      },
    },
  };
};
