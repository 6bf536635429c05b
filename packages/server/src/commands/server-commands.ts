import type { Command } from "commander";
import { addDemoCommand } from "./demo.ts";
import { addMigrateCommand } from "./migrate.ts";
import { addOpenApiCommand } from "./openapi.ts";
import { addServeCommand } from "./serve.ts";
import { addTokenCommand } from "./token.ts";

/** The commands that run the server, or work on its installation. */
export const addServerCommands = (program: Command): void => {
  addServeCommand(program);
  addMigrateCommand(program);
  addTokenCommand(program);
  addDemoCommand(program);
  addOpenApiCommand(program);
};
