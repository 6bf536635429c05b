import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NotedFunction } from "./note-entries.ts";
import type { NotedTrip } from "./traced-process.ts";

const repository = join(import.meta.dirname, "../..");
const server = "packages/server/src/";

/** Calls in a row in one file. */
export interface Stay {
  readonly file: string;
  readonly functions: readonly string[];
}

/** What a trip costs somebody who follows it through the files. */
export interface TripFigures {
  readonly id: string;
  readonly files: number;
  /** Different functions that were entered. */
  readonly functions: number;
  readonly domainFiles: number;
  /** Stays in files of the domain. */
  readonly stays: number;
  /** Stays in a file of the domain that had been left. */
  readonly returns: number;
  /** Transactions that it ran. */
  readonly units: number;
  readonly way: readonly Stay[];
}

const leaves = new Map<string, boolean>();

/** Whether a file of the kernel imports no other file. */
const isLeaf = (file: string): boolean => {
  let found = leaves.get(file);
  if (found === undefined) {
    found = !/from\s+"\.{1,2}\//.test(readFileSync(join(repository, file), "utf8"));
    leaves.set(file, found);
  }
  return found;
};

/** The domain: all but storage, the codec of RADIUS, the contract, and the leaves of the kernel. */
export const isDomain = (file: string): boolean => {
  if (!file.startsWith(server)) return false;
  const place = file.slice(server.length);
  if (place.startsWith("storage/") || place.startsWith("radius/protocol/")) return false;
  return !(place.startsWith("kernel/") && isLeaf(file));
};

/** Groups entries by the file that they stay in. */
export const staysOf = (entries: readonly NotedFunction[]): Stay[] => {
  const stays: { file: string; functions: string[] }[] = [];
  for (const { file, name } of entries) {
    const last = stays.at(-1);
    if (last?.file === file) last.functions.push(name);
    else stays.push({ file, functions: [name] });
  }
  return stays;
};

/** Where one unit of work begins. */
const unit = { file: `${server}kernel/unit-of-work.ts`, name: "run > database.write()" } as const;

export const figuresOf = ({ id, entries }: NotedTrip): TripFigures => {
  const inDomain = entries.filter(({ file }) => isDomain(file));
  const stays = staysOf(inDomain).length;
  const domainFiles = new Set(inDomain.map(({ file }) => file)).size;
  return {
    id,
    files: new Set(entries.map(({ file }) => file)).size,
    functions: new Set(entries.map(({ file, name }) => `${file}#${name}`)).size,
    domainFiles,
    stays,
    returns: stays - domainFiles,
    units: entries.filter(({ file, name }) => file === unit.file && name === unit.name).length,
    way: staysOf(entries),
  };
};
