import type { Source } from "./source-tree.ts";

const server = "packages/server/src/";

/** The arrows of the house: what each room may import beside itself. What those may import, it may, too. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  main: ["commands"],
  commands: ["demo", "workers", "radius/simulated-nas"],
  startup: ["composition"],
  workers: ["metrics"],
  composition: ["modules", "radius/server", "radius/dynamic-authorization", "outbound", "config", "handover", "metrics"],
  demo: ["startup"],
  handover: ["http", "metrics"],
  modules: ["http", "jobs", "storage", "aaa", "metrics"],
  "radius/server": ["radius/protocol", "aaa", "metrics"],
  "radius/dynamic-authorization": ["radius/protocol", "aaa"],
  "radius/simulated-nas": ["radius/protocol"],
  "radius/protocol": ["kernel"],
  outbound: [],
  aaa: ["contract"],
  http: ["kernel"],
  jobs: [],
  storage: ["kernel"],
  config: ["kernel"],
  metrics: [],
  kernel: ["contract"],
  contract: [],
};

/** The room of a file or package; undefined for what the house does not know. */
export const roomOf = (path: string): string | undefined => {
  if (path === "@gatehouse-aaa/contract" || path.startsWith("packages/contract/src/")) return "contract";
  if (!path.startsWith(server)) return undefined;
  const [first, second] = path.slice(server.length).split("/");
  if (first === "main.ts") return "main";
  return [first!, `${first}/${second}`].find((room) => room in arrows);
};

const reachable = (room: string): ReadonlySet<string> => {
  const found = new Set([room]);
  for (const one of found) for (const next of arrows[one] ?? []) found.add(next);
  return found;
};

const isOurs = (name: string) => name.startsWith("packages/") || name === "@gatehouse-aaa/contract";

/** Imports that go against the arrows, and files in no room. */
export const brokenArrows = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    if (room === undefined) return [`${path} is in no room: give it one in test/house/arrow-rules.ts`];
    const allowed = reachable(room);
    return imports.filter(isOurs).flatMap((name) => {
      const target = roomOf(name);
      if (target === undefined) return [`${path} reads outside of the house: ${name}`];
      return allowed.has(target) ? [] : [`${path} (${room}) may not import ${name} (${target})`];
    });
  });

/** What rooms without a door outside may import of Node and of packages. */
const packagesOf: Readonly<Record<string, RegExp>> = {
  contract: /^typebox$/,
  kernel: /^node:crypto$/,
  aaa: /^$/,
  "radius/protocol": /^node:(?:crypto|buffer)$/,
};

/** The rooms whose packages are listed. */
export const pureRooms: readonly string[] = Object.keys(packagesOf);

/** Packages and builtins that a pure room must not know. */
export const impureImports = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, imports }) => {
    const allowed = packagesOf[roomOf(path) ?? ""];
    if (!allowed) return [];
    return imports.filter((name) => !isOurs(name) && !allowed.test(name)).map((name) => `${path} may not import ${name}`);
  });

/** The ranks from low to high, and in each the modules from low to high: a module imports only those before it. */
export const ranks: Readonly<Record<string, readonly string[]>> = {
  foundation: ["installation", "keys", "kept-counts", "change-log", "organizations", "api-tokens"],
  accounts: ["aaa-profiles", "passwords", "time-ledger", "users", "reversible-secrets", "devices", "user-extras", "device-app"],
  network: ["address-grants", "aaa-clients", "network-access", "sessions", "disconnects", "freeradius"],
};

const order = Object.entries(ranks).flatMap(([rank, modules]) => modules.map((name) => `${rank}/${name}`));

const moduleOf = (path: string): string | undefined => /^packages\/server\/src\/modules\/([^/]+\/[^/]+)\//.exec(path)?.[1];

/** Imports between modules that climb, or that do not go through index.ts. */
export const brokenRanks = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, imports }) => {
    const own = moduleOf(path);
    if (own !== undefined && !order.includes(own)) return [`${path}: give the module ${own} its place in test/house/arrow-rules.ts`];
    return imports.flatMap((name) => {
      const other = moduleOf(name);
      if (other === undefined || other === own) return [];
      const declares = path.startsWith(`${server}composition/`) && name.endsWith(`${other}/module.ts`);
      const faults =
        declares || name.endsWith(`${other}/index.ts`) ? [] : [`${path} must import ${other} through its index.ts, not ${name}`];
      if (own !== undefined && order.indexOf(other) >= order.indexOf(own))
        faults.push(`${path} (${own}) may not import ${other}, which stands above it`);
      return faults;
    });
  });

/** Files that import each other in a circle, types included. */
export const cycles = (sources: readonly Source[]): string[] => {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) if (graph.has(next)) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
};
