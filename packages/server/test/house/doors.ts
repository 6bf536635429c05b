/** A method on a path that the server answers by a route of its own. */
export interface Door {
  readonly method: string;
  readonly path: string;
}

/** Reads the tree that the router prints: each level is four characters deep and adds its part to the path above. */
export const doorsIn = (tree: string): Door[] => {
  const trail: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const match = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([^)]*)\))?/.exec(line);
    if (!match) return [];
    const depth = match[1]!.length / 4;
    trail.length = depth;
    trail.push(match[2]!);
    const path = trail.join("");
    return (match[3] ?? "")
      .split(", ")
      .filter((method) => method !== "")
      .map((method) => ({ method, path }));
  });
};
