import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { loadDemoWorld } from "../../src/demo/load-demo-world.ts";
import { ensureFirstToken, ensureRootOrganization } from "../../src/startup/first-start.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { fullToken } from "./world.ts";

/** Makes the databases that every test world is copied from: the newest schema, the demo world, the full-rights token. */
export const makeTemplates = async (sqliteDirectory: string, postgresUrl: string): Promise<void> => {
  const secretKey = Buffer.alloc(32, 7).toString("base64");
  for (const database of [{}, { DATABASE_URL: postgresUrl }]) {
    const config = readConfig({ GATEHOUSE_DATA_DIR: sqliteDirectory, GATEHOUSE_SECRET_KEY: secretKey, ...database });
    const app = await openInstallation(config, pino({ level: "silent" }));
    await ensureRootOrganization(app);
    await loadDemoWorld(app);
    await ensureFirstToken(app, fullToken);
    await app.database.write((handle) =>
      handle
        .updateTable("api_token")
        .set({ scopes: JSON.stringify(["admin", "radius:credentials"]) })
        .execute(),
    );
    await app.close();
  }
};
