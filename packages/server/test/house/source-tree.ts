import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { repositoryRoot } from "../generated/generated-files.ts";

/** One source file: its path in the repository, its text, and what it imports. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Files of the repository by their paths, packages by their names. */
  readonly imports: readonly string[];
}

/** The paths of all files that the repository keeps. */
export const trackedFiles = (): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: repositoryRoot, encoding: "utf8" })
    .split("\n")
    .filter((path) => path !== "");

export const readTracked = (path: string): string => readFileSync(join(repositoryRoot, path), "utf8");

const statement =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;

/** What a source imports, relative paths resolved against its own. */
export const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(statement)].map((match) => {
    const name = (match[1] ?? match[2])!;
    return name.startsWith(".") ? posix.normalize(posix.join(dirname(path), name)) : name;
  });

export const source = (path: string, text: string): Source => ({ path, text, imports: importsOf(path, text) });

/** The sources below a folder of the repository. */
export const sourcesBelow = (folder: string): Source[] =>
  trackedFiles()
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith(".ts"))
    .map((path) => source(path, readTracked(path)));

export const serverSources = (): Source[] => sourcesBelow("packages/server/src");
export const contractSources = (): Source[] => sourcesBelow("packages/contract/src");
/** The benchmark, which is held to size and type like everything else, and knows the databases by name. */
export const benchSources = (): Source[] => sourcesBelow("bench");

/** A source's text without comments: a rule about code has nothing to say about them. */
export const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
