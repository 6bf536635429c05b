import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openApiText } from "../../src/commands/openapi.ts";
import { configurationPage, errorsPage, operationsPage, scopesPage } from "./reference-pages.ts";

/** The schema of each database as its snapshot holds it. */
export interface SchemaTexts {
  readonly sqlite: string;
  readonly postgres: string;
}

export const repositoryRoot = join(import.meta.dirname, "../../../..");

/** Every file that is made from the code, by its path in the repository. */
export const generatedFiles = (schemas: SchemaTexts): ReadonlyMap<string, string> =>
  new Map([
    ["openapi.json", openApiText()],
    ["packages/server/src/storage/schema.sqlite.sql", schemas.sqlite],
    ["packages/server/src/storage/schema.postgres.sql", schemas.postgres],
    ["docs/reference/configuration.md", configurationPage()],
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/operations.md", operationsPage()],
    ["docs/reference/scopes.md", scopesPage()],
  ]);

/** The paths of generated files that are not as the code would make them. */
export const staleFiles = async (schemas: SchemaTexts): Promise<string[]> => {
  const stale: string[] = [];
  for (const [path, text] of generatedFiles(schemas)) {
    const present = await readFile(join(repositoryRoot, path), "utf8").catch(() => undefined);
    if (present !== text) stale.push(path);
  }
  return stale;
};
