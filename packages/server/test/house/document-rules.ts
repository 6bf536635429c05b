import { posix } from "node:path";

/** A Markdown file: its path in the repository, and its text. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Whether a Markdown file is held to the rules of documents: what people read of this repository. */
export const isDocument = (path: string): boolean => path.endsWith(".md") && !path.startsWith("packages/");

/** A page without its fenced code: commands and their output name paths of other machines. */
export const proseOf = (text: string): string => text.replace(/^( *)```[\s\S]*?^\1```/gm, "");

/** Where a path that a document names may begin: at the repository's root, or in one of these folders. */
const roots = ["", "packages/", "packages/server/src/", "packages/server/"];

const knownEndings = /\.(?:ts|mjs|js|md|sql|json|ya?ml|sh)$/;
/** A name that begins with @ is a package's. */
const pathShaped = /^\.?[\w*<>{}-][\w.*<>{},-]*(?:\/[\w.*<>{},-]+)*\/?$/;

/**
 * Names in backticks that look like paths and are none of this repository, each with its reason. A key that ends with
 * a slash covers everything below it.
 */
export const noPaths: Readonly<Record<string, string>> = {
  "sites-enabled/default": "stands in the folder of a FreeRADIUS",
  "history/": "ends a path of the API",
};

const isNoPath = (name: string): boolean =>
  Object.keys(noPaths).some((known) => name === known || (known.endsWith("/") && name.startsWith(known)));

/** The texts in backticks that name a file or a folder. */
const namedPaths = (text: string): string[] =>
  [...proseOf(text).matchAll(/`([^`\n]+)`/g)]
    .map((match) => match[1]!)
    .filter((name) => pathShaped.test(name) && (name.includes("/") || knownEndings.test(name)));

const linkTargets = (text: string): string[] =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((target) => !/^(?:[a-z]+:|#)/.test(target));

/** Says whether a path stands in the repository: a file, a folder, or the end of one of their paths. */
export const finderAmong = (files: readonly string[]) => {
  const present = new Set<string>();
  for (const file of files) for (let path = file; path !== "."; path = posix.dirname(path)) present.add(path);
  const all = [...present];
  const stands = (path: string): boolean => present.has(path) || present.has(`${path}.ts`) || present.has(`${path}.test.ts`);
  const endings = new Set(all.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(index + 1))));
  const isEnding = (path: string): boolean => endings.has(path) || endings.has(`${path}.test.ts`);
  return {
    /** A path that begins at the root. */
    stands: (path: string): boolean => present.has(posix.normalize(path).replace(/\/$/, "")),
    /** A path as prose shortens it; `<noun>`, `*` and `{a,b}` stand for anything. */
    isNamed: (name: string): boolean => {
      const path = name.replace(/\/$/, "");
      const inContract = path.replace(/^contract\//, "packages/contract/src/");
      if (!/[<*{]/.test(path)) return roots.some((root) => stands(root + path)) || stands(inContract) || isEnding(path);
      const shape = path.split(/<[^>]*>|\*|\{[^}]*\}/).map((part) => part.replace(/[.\\+?^$()[\]|]/g, "\\$&"));
      const pattern = new RegExp(`(?:^|/)${shape.join("[^/]*")}(?:/|$)`);
      return all.some((known) => pattern.test(known));
    },
  };
};

/** Links and paths in backticks that lead nowhere. */
export const deadPaths = (documents: readonly Document[], files: readonly string[]): string[] => {
  const { stands, isNamed } = finderAmong(files);
  return documents.flatMap(({ path, text }) => [
    ...linkTargets(text)
      .filter((target) => !stands(posix.join(posix.dirname(path), target.replace(/#.*$/, ""))))
      .map((target) => `${path} links to ${target}, which is not there`),
    ...namedPaths(text)
      .filter((name) => !isNamed(name) && !stands(posix.join(posix.dirname(path), name)) && !isNoPath(name))
      .map((name) => `${path} names ${name}, which is not there`),
  ]);
};

/** Exceptions from the rule of paths that no document needs. */
export const needlessExceptions = (documents: readonly Document[]): string[] => {
  const named = documents.flatMap(({ text }) => namedPaths(text));
  return Object.keys(noPaths).filter((known) => !named.some((name) => name === known || (known.endsWith("/") && name.startsWith(known))));
};

/** How many words a text has, as a reader counts them: rules of tables and signs are none. */
export const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

const maxDecision = 400;
const decisionPath = /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/;

/** Decisions that are too long, are not named by their number, or do not say what would change our mind. */
export const faultyDecisions = (documents: readonly Document[]): string[] =>
  documents.flatMap(({ path, text }) => {
    const number = decisionPath.exec(path)?.[1];
    if (number === undefined) return [];
    const words = wordsIn(text);
    return [
      ...(words > maxDecision ? [`${path} has ${words} words; ${maxDecision} are the most. Give each choice a page.`] : []),
      ...(text.startsWith(`# ${number}: `) ? [] : [`${path} must begin with "# ${number}: "`]),
      ...(/change our mind/i.test(text) ? [] : [`${path} does not say what would change our mind`]),
    ];
  });

/** Decisions that the list does not name exactly once, numbers that two pages have, and lines of the list without a page. */
export const unlistedDecisions = (list: string, paths: readonly string[]): string[] => {
  const pages = paths.filter((path) => decisionPath.test(path)).map((path) => posix.basename(path));
  const listed = linkTargets(list).filter((target) => /^\d{4}-/.test(target));
  const numbers = pages.map((page) => page.slice(0, 4));
  return [
    ...pages.filter((page) => listed.filter((name) => name === page).length !== 1).map((page) => `${page} is not listed exactly once`),
    ...listed.filter((name) => !pages.includes(name)).map((name) => `${name} is listed and does not exist`),
    ...numbers.filter((number, at) => numbers.indexOf(number) !== at).map((number) => `two pages have the number ${number}`),
  ];
};

const rowsOf = (glossary: string): string[][] =>
  glossary
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:Word|---) /.test(line))
    .map((line) => line.split("|").slice(1, -1));

/** Words that stand in the glossary twice, lines that are no definition, and words that are to be avoided for themselves. */
export const faultyGlossary = (glossary: string): string[] => {
  const rows = rowsOf(glossary);
  const faults = rows.filter((row) => row.length !== 3 || row.slice(0, 2).some((cell) => cell.trim() === ""));
  const words = rows.flatMap(([first = ""]) => [...first.matchAll(/\*\*([^*]+)\*\*/g)].map((match) => match[1]!.toLowerCase()));
  const others = rows.flatMap(([first = ""]) =>
    first
      .split(",")
      .map((part) => part.replaceAll(/[*`]/g, "").trim().toLowerCase())
      .filter((word) => !words.includes(word)),
  );
  const all = [...words, ...others];
  const avoidsItself = rows.filter(([first = "", , avoid = ""]) => {
    const own = first.split(",").map((part) => part.replaceAll(/[*`]/g, "").trim().toLowerCase());
    return avoid.split(",").some((word) => own.includes(word.trim().toLowerCase()));
  });
  return [
    ...faults.map((row) => `no definition: ${row.join("|")}`),
    ...all.filter((word, at) => all.indexOf(word) !== at).map((word) => `${word} stands twice`),
    ...rows.filter(([first = ""]) => !first.includes("**")).map(([first]) => `no word: ${first}`),
    ...avoidsItself.map(([first]) => `avoids itself: ${first!.trim()}`),
  ];
};

/** The parts of the server: its folders, and the modules in their ranks. */
export const partsOfServer = (files: readonly string[]): string[] => [
  ...new Set(
    files
      .filter((path) => path.startsWith("packages/server/src/"))
      .map((path) => path.split("/").slice(3))
      .flatMap(([first, , module, ...rest]) => (first === "modules" && rest.length > 0 ? [first, module!] : [first!]))
      .filter((part) => !part.endsWith(".ts")),
  ),
];

/** Parts of the server that the page of the architecture does not name. */
export const undescribedParts = (page: string, parts: readonly string[]): string[] =>
  parts.filter((part) => !new RegExp(`\`(?:[^\`]*/)?${part}(?:/[^\`]*)?\``).test(page));
