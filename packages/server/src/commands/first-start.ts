import type { App } from "../app.ts";
import type { Config } from "../config/settings.ts";
import { loadDemoWorld } from "../demo/load-demo-world.ts";
import { ensureFirstToken, ensureRootOrganization } from "../first-start.ts";
import type { BannerFacts } from "./banner.ts";

/** Makes what every database must have before anyone is answered, and returns what the banner tells of it. */
export const prepareFirstStart = async (app: App, config: Config, wantsDemo: boolean): Promise<Omit<BannerFacts, "address">> => {
  const isFirstStart = await ensureRootOrganization(app);
  const loadsDemo = isFirstStart && wantsDemo && config.databaseUrl === undefined;
  if (loadsDemo) await loadDemoWorld(app);
  const token = await ensureFirstToken(app, config.bootstrapToken);
  return {
    token: token === undefined ? undefined : token === config.bootstrapToken ? "bootstrap" : { generated: token },
    demo: loadsDemo ? "loaded" : wantsDemo && isFirstStart ? "refused" : "none",
    database: app.database.name,
  };
};
