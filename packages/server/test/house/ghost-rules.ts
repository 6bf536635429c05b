import { arrows, pureRooms, ranks, roomOf } from "./arrow-rules.ts";
import type { Source } from "./source-tree.ts";

const server = "packages/server/src/";

/** Entries of the arrow rules that nothing uses: arrows that no import takes, and places that do not exist. */
export const ghostEntries = (sources: readonly Source[], rules: Readonly<Record<string, readonly string[]>> = arrows): string[] => {
  const taken = new Set(sources.flatMap(({ path, imports }) => imports.map((name) => `${roomOf(path)} -> ${roomOf(name)}`)));
  const paths = sources.map(({ path }) => path);
  const isFolder = (folder: string) => paths.some((path) => path.startsWith(`${server}${folder}/`));
  return [
    ...Object.entries(rules).flatMap(([room, targets]) =>
      targets.map((target) => `${room} -> ${target}`).filter((arrow) => !taken.has(arrow)),
    ),
    ...Object.keys(rules).filter((room) => !paths.some((path) => roomOf(path) === room)),
    ...pureRooms.filter((room) => !(room in rules)),
    ...Object.entries(ranks).flatMap(([rank, modules]) =>
      modules.map((name) => `modules/${rank}/${name}`).filter((folder) => !isFolder(folder)),
    ),
    ...Object.keys(ranks).filter((rank) => !isFolder(`modules/${rank}`)),
  ];
};
