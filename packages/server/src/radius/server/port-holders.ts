import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/** A process that has a UDP port of this machine. */
export interface PortHolder {
  readonly pid: number;
  readonly parentPid: number;
  /** The program's name, as `ps` shows it. */
  readonly name: string;
}

/**
 * The processes that have this UDP port, at any address. Known on Linux, and there of processes whose files this user may
 * look into; elsewhere an empty list, which says nothing.
 */
export const holdersOf = async (port: number): Promise<readonly PortHolder[]> => {
  const inodes = new Set((await Promise.all(["udp", "udp6"].map((table) => inodesIn(`/proc/net/${table}`, port)))).flat());
  if (inodes.size === 0) return [];
  const pids = (await listOf("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => (async () => ((await hasOneOf(pid, inodes)) ? readHolder(pid) : undefined))()));
  return found.filter((holder) => holder !== undefined);
};

/** How a log names who has a port. */
export const namesOf = (holders: readonly PortHolder[]): string =>
  holders.length === 0
    ? "another process, of which this user may not know"
    : holders.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");

/** proc(5): the second field is the local address and port in hexadecimal digits, the tenth the inode of the socket. */
const inodesIn = async (table: string, port: number): Promise<string[]> => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await textOf(table)).split("\n").map((line) => line.trim().split(/\s+/));
  return rows.filter(([, local]) => local?.endsWith(wanted)).map((fields) => fields[9] ?? "");
};

const hasOneOf = async (pid: number, inodes: ReadonlySet<string>): Promise<boolean> => {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of await listOf(folder)) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
};

/** proc(5): after the name in brackets, which may itself hold brackets, come the state and the parent. */
const readHolder = async (pid: number): Promise<PortHolder | undefined> => {
  const stat = await textOf(`/proc/${pid}/stat`);
  const parentPid = Number(
    stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ")[1],
  );
  const [program = "", ...args] = (await textOf(`/proc/${pid}/cmdline`)).split("\0");
  const script = args.find((argument) => /\.m?[jt]s$/.test(argument));
  const name = basename(/^node|^MainThread/.test(basename(program)) && script !== undefined ? script : program);
  return stat === "" ? undefined : { pid, parentPid, name: name === "" ? "a program" : name.replace(/\.m?[jt]s$/, "") };
};

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

const listOf = (path: string): Promise<string[]> => readdir(path).catch(() => []);
