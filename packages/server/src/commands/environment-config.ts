import { type Config, readConfig } from "../config/settings.ts";

/** Reads the configuration from the environment: no other place does. */
export const environmentConfig = (): Config => readConfig(process.env);
