import type { Fault } from "./exceptions.ts";
import type { Source } from "./source-tree.ts";

/** What a file of a role may not import. A pattern is compared with the path below packages/server/src, or the package's name. */
interface Role {
  readonly ending: RegExp;
  readonly forbidden: readonly RegExp[];
  /** Patterns of names that may not be imported from another module. */
  readonly foreignNames?: RegExp;
  readonly because: string;
}

const http = /^http\//;
const storage = /^storage\/|^kysely$/;
const stores = /\.store\.ts$/;
const above = /\.(?:routes|service|view|handler|jobs?)\.ts$/;
/** What does something: builtins that only compute aside. */
const effects = /^node:(?!crypto$)|^(?:jobs|metrics)\//;
const clock = /^kernel\/(?:clock|unit-of-work)\.ts$/;

/** The roles that a file's name tells, below `modules`. */
export const roles: Readonly<Record<string, Role>> = {
  store: { ending: /\.(?:store|filters|rows?)\.ts$/, forbidden: [http, above], because: "a store knows the database and nothing above it" },
  routes: {
    ending: /\.routes\.ts$/,
    forbidden: [storage],
    foreignNames: /Stores?$/,
    because: "routes bind operations to services and read their own module alone",
  },
  rules: {
    ending: /\.rules\.ts$/,
    forbidden: [http, storage, stores, /\.checks\.ts$/, above, effects, clock],
    because: "rules judge values: whoever calls them reads the facts",
  },
  checks: {
    ending: /\.checks\.ts$/,
    forbidden: [http, storage, above, effects, clock],
    because: "checks read what other rows decide through the stores that they are given, and nothing else",
  },
  view: { ending: /\.view\.ts$/, forbidden: [storage, stores], because: "a view turns records into answers; it reads nothing" },
  service: { ending: /\.service\.ts$/, forbidden: [http], because: "a service is called by more than HTTP" },
  background: { ending: /\.(?:handler|jobs?)\.ts$/, forbidden: [http], because: "nobody waits for an answer there" },
};

/** Imports that may stand against a file's role, by both paths, each with its reason. */
export const roleExceptions: Readonly<Record<string, string>> = {
  "modules/accounts/user-extras/user-extra.routes.ts -> modules/accounts/devices/index.ts#DeviceStores": "the list reads devices itself",

  "modules/accounts/users/user-token.routes.ts -> modules/accounts/time-ledger/index.ts#TimeLedgerStore":
    "the list of the ledger has no service",

  "modules/foundation/api-tokens/api-token.view.ts -> modules/foundation/api-tokens/api-token.store.ts": "the record stands in its store",
};

const src = "packages/server/src/";
const below = (path: string): string => (path.startsWith(src) ? path.slice(src.length) : path);

const moduleOf = (path: string): string | undefined => /^modules\/[^/]+\/[^/]+\//.exec(below(path))?.[0];

/** The names that a source imports from other modules, as `path#name`. */
const foreignNamesIn = ({ path, text, imports }: Source): string[] => {
  const statements = [...text.matchAll(/(?:^|\n)import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)"/g)];
  return statements.flatMap(([, names = "", from = ""]) => {
    const target = imports.find((one) => one.endsWith(from.replace(/^(?:\.{1,2}\/)+/, "")));
    if (target === undefined || moduleOf(target) === undefined || moduleOf(target) === moduleOf(path)) return [];
    return names
      .split(",")
      .map(
        (name) =>
          name
            .replace(/^\s*type\s/, "")
            .trim()
            .split(" as ")[0]!,
      )
      .filter((name) => name !== "")
      .map((name) => `${below(target)}#${name}`);
  });
};

/** Imports that a file's role forbids. */
export const againstRole = (sources: readonly Source[]): Fault[] =>
  sources
    .filter(({ path }) => path.startsWith(`${src}modules/`))
    .flatMap((source) =>
      Object.values(roles)
        .filter(({ ending }) => ending.test(source.path))
        .flatMap(({ forbidden, foreignNames, because }) =>
          [
            ...source.imports.map(below).filter((name) => forbidden.some((pattern) => pattern.test(name))),
            ...(foreignNames ? foreignNamesIn(source).filter((name) => foreignNames.test(name)) : []),
          ].map((name) => ({
            key: `${below(source.path)} -> ${name}`,
            sentence: `${source.path} imports ${name}: ${because}`,
          })),
        ),
    );

/** Roles that no file has. */
export const rolesWithoutFile = (sources: readonly Source[]): string[] =>
  Object.entries(roles)
    .filter(([, { ending }]) => !sources.some(({ path }) => ending.test(path)))
    .map(([name]) => name);
