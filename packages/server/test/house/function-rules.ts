import { parseFunctions } from "../support/source-functions.ts";
import type { Fault } from "./exceptions.ts";
import { codeOf, type Source } from "./source-tree.ts";

const maxOwnLines = 50;
const maxDependencies = 6;

/** Functions that may be longer, by path and name, each with its reason. */
export const longFunctions: Readonly<Record<string, string>> = {};

/** Factories that may take more dependencies, by path and name, each with its reason. */
export const manyDependencies: Readonly<Record<string, string>> = {};

/**
 * Functions whose own body is too long. A function inside counts as one line, for it is read by itself; comments and
 * empty lines do not count.
 */
export const longerFunctions = (sources: readonly Pick<Source, "path" | "text">[]): Fault[] =>
  sources.flatMap(({ path, text }) =>
    parseFunctions(text)
      .functions.filter(({ ownLines }) => ownLines > maxOwnLines)
      .map(({ name, line, ownLines }) => ({
        key: `${path}#${name}`,
        sentence: `${path}:${line}: ${name} has ${ownLines} lines of its own; ${maxOwnLines} are the most. Name its steps.`,
      })),
  );

const declaration = /\b(?:interface|type)\s+(\w*Dependencies)\b[^{;]*\{/g;
const inlineParameter = /(?:const|function)\s+(\w+)[^;{}]*?\(\s*(?:deps|dependencies)\s*:\s*\{/g;

/** How many members the braces hold that open just before `start`. */
const membersIn = (code: string, start: number): number => {
  let [depth, members, isInMember] = [0, 0, false];
  for (let at = start; at < code.length; at += 1) {
    const sign = code[at]!;
    if (depth === 0 && sign === "}") break;
    if (/[{([]/.test(sign)) depth += 1;
    else if (/[})\]]/.test(sign)) depth -= 1;
    if (depth === 0 && sign === ";") isInMember = false;
    else if (!isInMember && /\S/.test(sign)) {
      isInMember = true;
      members += 1;
    }
  }
  return members;
};

/** Factories with more named dependencies than a reader can hold in mind. */
export const crowdedFactories = (sources: readonly Pick<Source, "path" | "text">[]): Fault[] =>
  sources.flatMap(({ path, text }) => {
    const code = codeOf(text);
    const declared = [declaration, inlineParameter].flatMap((pattern) =>
      [...code.matchAll(pattern)].map((match) => ({ name: match[1]!, count: membersIn(code, match.index + match[0].length) })),
    );
    return declared
      .filter(({ count }) => count > maxDependencies)
      .map(({ name, count }) => ({
        key: `${path}#${name}`,
        sentence: `${path}: ${name} names ${count} dependencies; ${maxDependencies} are the most. Divide what needs them.`,
      }));
  });
