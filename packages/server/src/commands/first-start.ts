import type { App } from "../composition/app.ts";
import type { Config } from "../config/settings.ts";
import { isUntouched, loadDemoWorld } from "../demo/load-demo-world.ts";
import {
  ensureFirstToken,
  ensureRootOrganization,
  hadFirstToken,
  hasUnshownToken,
  isWorking,
  takeFirstToken,
} from "../startup/first-start.ts";
import { sealStoredSecrets } from "../startup/seal-stored-secrets.ts";
import type { BannerFacts } from "./banner.ts";

/** What is known of a start before anybody can be answered. */
export interface PreparedStart extends Pick<BannerFacts, "demo" | "database" | "bootstrap"> {
  /** Whether a first token waits for a banner. */
  readonly hasUnshownToken: boolean;
}

/** Makes what every database must have before anyone is answered, and returns what the banner tells of it. */
export const prepareFirstStart = async (app: App, config: Config, wantsDemo: boolean): Promise<PreparedStart> => {
  await ensureRootOrganization(app);
  // The token is made last: a start that was killed before it is still the first one, and loads what that one should have.
  const isFirstStart = !(await hadFirstToken(app)) && (await isUntouched(app));
  const loadsDemo = isFirstStart && wantsDemo && config.databaseUrl === undefined;
  if (loadsDemo) await loadDemoWorld(app);
  await ensureFirstToken(app, config.bootstrapToken);
  await sealStoredSecrets(app);
  const { bootstrapToken } = config;
  return {
    demo: loadsDemo ? "loaded" : wantsDemo && isFirstStart ? "refused" : "none",
    database: app.database.name,
    bootstrap: bootstrapToken === undefined ? "unset" : (await isWorking(app, bootstrapToken)) ? "works" : "ignored",
    hasUnshownToken: await hasUnshownToken(app),
  };
};

/** What the banner tells, once there is an address: the first token is given away only now, when somebody will see it. */
export const bannerFacts = async (app: App, { hasUnshownToken, ...facts }: PreparedStart, address: string): Promise<BannerFacts> => ({
  ...facts,
  address,
  token: hasUnshownToken ? await takeFirstToken(app) : undefined,
});
