import { codeOf, type Source } from "./source-tree.ts";

const maxFile = 300;
const server = "packages/server/src/";

/** Files that may be longer, each with its reason. */
export const longFiles: Readonly<Record<string, string>> = {};

export const longerThanAllowed = (sources: readonly Source[], exempt: Readonly<Record<string, string>> = longFiles): string[] =>
  sources
    .filter(({ path, text }) => text.split("\n").length - 1 > maxFile && !(path in exempt))
    .map(({ path, text }) => `${path} has ${text.split("\n").length - 1} lines; ${maxFile} are the most. Divide it by what it does.`);

const drawer = /^(?:utils?|helpers?|common|base|managers?|misc)$/;

/** Files and folders named after nothing: a thing without a room means that the plan is missing a noun. */
export const drawers = (paths: readonly string[]): string[] =>
  paths.filter((path) => path.split("/").some((part) => part.split(/[.-]/).some((word) => drawer.test(word))));

/** A text that stands only in the files named. */
export interface Confined {
  readonly what: string;
  readonly pattern: RegExp;
  /** Path prefixes below packages/server/src, each with the reason why it may. */
  readonly where: Readonly<Record<string, string>>;
}

export const confined: readonly Confined[] = [
  {
    what: "process.env",
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\benv\s*\}\s*=\s*process\b/,
    where: { "commands/environment-config.ts": "reads the configuration for all" },
  },
  {
    what: "the time and chance",
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\(\s*\)|\bDate\(\s*\)|\bMath\s*\.\s*random\b/,
    where: { "kernel/clock.ts": "is the clock", "kernel/ids.ts": "makes ids" },
  },
  {
    what: "a database's name",
    pattern: /sqlite|postgres/i,
    where: {
      "storage/dialects/": "are the dialects",
      "startup/installation.ts": "chooses the dialect by the configuration",
      "startup/data-directory.ts": "makes the file of the embedded database",
      "startup/serving-hold.ts": "keeps the embedded database to one serving process",
      "startup/database-failure.ts": "says to a person what is wrong with which database",
      "config/settings.ts": "documents the settings",
      "commands/": "tell people which database they run",
    },
  },
];

/** Confined texts in other places than theirs. */
export const escaped = (sources: readonly Source[], rules: readonly Confined[] = confined): string[] =>
  sources.flatMap(({ path, text }) => {
    const place = path.startsWith(server) ? path.slice(server.length) : path;
    const code = codeOf(text);
    return rules
      .filter(({ pattern, where }) => pattern.test(code) && !Object.keys(where).some((allowed) => place.startsWith(allowed)))
      .map(({ what, where }) => `${path} uses ${what}, which belongs into ${Object.keys(where).join(", ")}`);
  });

// Put together here, so that this file does not hold what it looks for.
const machinePath = new RegExp(["/ho", "me/[a-z]|/Us", "ers/[A-Za-z]|/ro", "ot/|/wo", "rk/|C:\\\\\\\\Us", "ers"].join(""));

/** Files that hold a path of somebody's machine. */
export const machinePaths = (files: readonly { path: string; text: string }[]): string[] =>
  files.filter(({ text }) => machinePath.test(text)).map(({ path }) => path);
