import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nameOf, type Result } from "./results.ts";

const folder = join(import.meta.dirname, "results");
const significantDigits = 6;

/** The committed results, by name. */
export const readSaved = async (from = folder): Promise<Result[]> => {
  const names = (await readdir(from).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => {
      const result = JSON.parse(await readFile(join(from, name), "utf8")) as Result;
      if (result.format !== 1) throw new Error(`bench/results/${name} is of a format that this bench does not read. Save it anew.`);
      return result;
    }),
  );
};

/** Writes each result to the file of its configuration. */
export const save = async (results: readonly Result[], to = folder): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const result of results) await writeFile(join(to, `${nameOf(result)}.json`), textOf(result));
};

const textOf = (result: Result): string => {
  const shorten = (_key: string, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(significantDigits)) : value;
  return `${JSON.stringify(result, shorten, 1)}\n`;
};
