import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Configuration, nameOf, type Result } from "./results.ts";

/** Where the committed results are. */
export const resultsFolder = join(import.meta.dirname, "results");
const significantDigits = 6;

interface Formatted extends Configuration {
  readonly format: 1;
}

/** The results in a folder, by name; none where there is no such folder. */
export const readResults = async <Kept extends Formatted>(from: string): Promise<Kept[]> => {
  const names = (await readdir(from).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => {
      const result = JSON.parse(await readFile(join(from, name), "utf8")) as Kept;
      if (result.format !== 1) throw new Error(`bench/results/${name} is of a format that this bench does not read. Save it anew.`);
      return result;
    }),
  );
};

/** Writes each result to the file of its configuration. */
export const writeResults = async (results: readonly Formatted[], to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const result of results) await writeFile(join(to, `${nameOf(result)}.json`), textOf(result));
};

const textOf = (result: Formatted): string => {
  const shorten = (_key: string, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(significantDigits)) : value;
  return `${JSON.stringify(result, shorten, 1)}\n`;
};

/** The committed results, by name. */
export const readSaved = (from = resultsFolder): Promise<Result[]> => readResults<Result>(from);

/** Writes each result to the file of its configuration. */
export const save = (results: readonly Result[], to = resultsFolder): Promise<void> => writeResults(results, to);
