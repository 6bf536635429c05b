import type { Fault } from "./exceptions.ts";
import type { Source } from "./source-tree.ts";

const modules = "packages/server/src/modules/";
const isIndex = (path: string): boolean => path.startsWith(modules) && path.endsWith("/index.ts");

/** Exports that may stand without an importer, by index and name, each with its reason. */
export const idleExports: Readonly<Record<string, string>> = {};

/** The names in the braces of an import or an export; `taken` says which side of `as` counts. */
const namesIn = (braces: string, taken: "before" | "after"): string[] =>
  braces
    .split(",")
    .map((name) => name.trim().replace(/^type\s+/, ""))
    .filter((name) => name !== "")
    .map((name) => {
      const [own, other = own] = name.split(/\s+as\s+/) as [string, string?];
      return taken === "before" ? own : other;
    });

const statement = /(?:^|\n)(import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+["']([^"']+)["']/g;

const importedNames = (source: Source): string[] =>
  [...source.text.matchAll(statement)].flatMap(([, , braces = "", from = ""]) => {
    const tail = from.replace(/^(?:\.{1,2}\/)+/, "");
    const target = source.imports.find((one) => isIndex(one) && one.endsWith(`/${tail}`));
    return target === undefined ? [] : namesIn(braces, "before").map((name) => `${target}#${name}`);
  });

/** What an index.ts exports and nothing outside of its module imports, and exports whose names are not written. */
export const exportedForNobody = (sources: readonly Source[]): Fault[] => {
  const used = new Set(
    sources.flatMap((source) => importedNames(source).filter((name) => !source.path.startsWith(name.replace(/index\.ts#.*$/, "")))),
  );
  return sources
    .filter(({ path }) => isIndex(path))
    .flatMap(({ path, text }) => [
      ...[...text.matchAll(statement)]
        .flatMap(([, , braces = ""]) => namesIn(braces, "after"))
        .filter((name) => !used.has(`${path}#${name}`))
        .map((name) => ({
          key: `${path.slice(modules.length)}#${name}`,
          sentence: `${path} exports ${name}, which no other module imports; a test imports it from its own file`,
        })),
      ...(/\bexport\s+\*/.test(text)
        ? [{ key: `${path.slice(modules.length)}#*`, sentence: `${path} exports without naming: write the names` }]
        : []),
    ]);
};
