import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory that its owner alone can read, with those above it, where there is none yet. Node's own way to make all
 * of them never ends below /proc, and says of a full or read-only disk that something does not exist.
 */
export const makeOwnDirectory = async (path: string): Promise<void> => {
  const make = (): Promise<void> =>
    mkdir(path, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST" && (await isDirectory(path))) return;
      throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makeOwnDirectory(dirname(path));
    await make();
  }
};

const isDirectory = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
