import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseFunctions } from "../../packages/server/test/support/source-functions.ts";

/** A function whose entries are noted: the path of its file in the repository, and its name. */
export interface NotedFunction {
  readonly file: string;
  readonly name: string;
}

const repository = join(import.meta.dirname, "../..");
/** What is ours and runs in a server: both packages, without their tests. */
const isNoted = (path: string): boolean => /^packages\/(?:server|contract)\/src\/.*\.ts$/.test(path);

/** Adds to each function of a source a call that notes its entry, as its first step. `numberOf` gives each a number. */
export const withNotes = (text: string, numberOf: (name: string) => number, note = "__noteEntry"): string => {
  const { code, functions } = parseFunctions(text);
  const insertions = functions.flatMap(({ name, body }) => {
    const call = `${note}(${numberOf(name)})`;
    return body.isBlock
      ? [{ at: body.start + 1, text: `${call};` }]
      : [
          { at: body.start, text: `(${call}, ` },
          { at: body.end, text: ")" },
        ];
  });
  let noted = code;
  for (const { at, text: inserted } of insertions.sort((a, b) => b.at - a.at)) noted = noted.slice(0, at) + inserted + noted.slice(at);
  return noted;
};

/** Notes, from now on, every entry into a function of modules that are imported after this call. */
export const noteEntries = () => {
  const functions: NotedFunction[] = [];
  let entries: number[] = [];
  Object.assign(globalThis, { __noteEntry: (number: number) => void entries.push(number) });
  registerHooks({
    load(url, context, nextLoad) {
      const path = url.startsWith("file:") ? relative(repository, fileURLToPath(url)).replaceAll("\\", "/") : "";
      if (!isNoted(path)) return nextLoad(url, context);
      const source = withNotes(readFileSync(fileURLToPath(url), "utf8"), (name) => functions.push({ file: path, name }) - 1);
      return { format: "module", source, shortCircuit: true };
    },
  });
  return {
    /** How many entries were noted since they were last taken. */
    count: () => entries.length,
    /** The functions entered since the last call, in order. */
    take(): NotedFunction[] {
      const taken = entries.map((number) => functions[number]!);
      entries = [];
      return taken;
    },
  };
};

export type Entries = ReturnType<typeof noteEntries>;
