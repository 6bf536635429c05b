import { buildOpenApi } from "@gatehouse-aaa/contract";
import type { Command } from "commander";
import { productVersion } from "../http/product-version.ts";

/** The document as the file `openapi.json` holds it. */
export const openApiText = (): string => `${JSON.stringify(buildOpenApi(productVersion), null, 2)}\n`;

export const addOpenApiCommand = (program: Command): void => {
  program
    .command("openapi")
    .description("print the OpenAPI 3.1 document of the API")
    .addHelpText("after", "\nExamples:\n  $ gatehouse openapi > openapi.json\n")
    .action(() => {
      process.stdout.write(openApiText());
    });
};
