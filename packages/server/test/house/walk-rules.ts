import { parseFunctions } from "../support/source-functions.ts";
import type { Source } from "./source-tree.ts";

/** A step of a walk through the code: `1. `path/file.ts` `function`: what happens`. */
interface WalkStep {
  readonly file: string;
  readonly function: string;
}

const heading = /^## A walk: /m;
const numbered = /^\d+\. /;
const step = /^\d+\. `([\w./-]+\.ts)` `(\w+)`/;

/** The walks of a page: sections that begin with "A walk", as their numbered lines. */
export const walksIn = (page: string): { readonly title: string; readonly lines: readonly string[] }[] =>
  page
    .split(heading)
    .slice(1)
    .map((section) => {
      const [title = "", ...rest] = section.split(/^## /m)[0]!.split("\n");
      return { title, lines: rest.filter((line) => numbered.test(line)) };
    });

const stepOf = (line: string): WalkStep | undefined => {
  const match = step.exec(line);
  return match ? { file: match[1]!, function: match[2]! } : undefined;
};

/** Steps that name no file and function, or one that is not there. */
export const lostSteps = (page: string, sources: readonly Pick<Source, "path" | "text">[]): string[] =>
  walksIn(page).flatMap(({ title, lines }) =>
    lines.flatMap((line) => {
      const wanted = stepOf(line);
      if (!wanted) return [`${title}: "${line.slice(0, 60)}" does not begin with a file and a function`];
      const files = sources.filter(({ path }) => path.endsWith(`/src/${wanted.file}`) || path.endsWith(`/${wanted.file}`));
      if (files.length !== 1) return [`${title}: ${files.length} files are named ${wanted.file}`];
      const names = parseFunctions(files[0]!.text).functions.map(({ name }) => name);
      return names.includes(wanted.function) ? [] : [`${title}: ${wanted.file} has no function ${wanted.function}`];
    }),
  );
