import type { Fault } from "./exceptions.ts";
import { codeOf, type Source } from "./source-tree.ts";

const src = "packages/server/src/";

/** Raw SQL, and the words with which a query of the query builder begins. */
const query = /\bsql\s*(?:<[^`]*>)?`|\.(?:selectFrom|insertInto|replaceInto|updateTable|deleteFrom|mergeInto)\s*\(/;

/** Where queries are made: storage, and the files of a store, which are its filters and its row as well. */
const isStore = (place: string): boolean =>
  place.startsWith("storage/") || (place.startsWith("modules/") && /\.(?:store|filters|rows?)\.ts$/.test(place));

/** Files that make queries elsewhere, each with its reason. */
export const queryExceptions: Readonly<Record<string, string>> = {};

/** Queries that are made outside of stores and storage. */
export const strayQueries = (sources: readonly Pick<Source, "path" | "text">[]): Fault[] =>
  sources
    .filter(({ path }) => path.startsWith(src))
    .map(({ path, text }) => ({ place: path.slice(src.length), text }))
    .filter(({ place, text }) => !isStore(place) && query.test(codeOf(text)))
    .map(({ place }) => ({ key: place, sentence: `${src}${place} makes a query, which belongs into a store` }));
