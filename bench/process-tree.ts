import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What a process and everything below it have used up to now. */
export interface TreeReading {
  /** CPU time in seconds, user and system, of those that run and of those that have ended and were waited for. */
  readonly cpuSeconds: number;
  /** Resident memory in bytes; pages that several processes share count in each. */
  readonly residentBytes: number;
  /** CPU seconds of each process that runs, by its id. */
  readonly cpuOf: ReadonlyMap<number, number>;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly endedChildrenCpuSeconds: number;
  readonly residentBytes: number;
}

const hasProc = existsSync("/proc/self/stat");

/** Reads the process tree below `root`, itself included, from /proc, or from `ps` where there is none. */
export const readTree = (root: number): TreeReading => {
  const rows = hasProc ? readProc() : readPs();
  const children = Map.groupBy(rows, (row) => row.parent);
  const tree = rows.filter((row) => row.pid === root);
  for (const row of tree) tree.push(...(children.get(row.pid) ?? []));
  if (tree.length === 0) throw new Error(`The process ${root} has ended.`);
  return {
    cpuSeconds: tree.reduce((sum, row) => sum + row.cpuSeconds + row.endedChildrenCpuSeconds, 0),
    residentBytes: tree.reduce((sum, row) => sum + row.residentBytes, 0),
    cpuOf: new Map(tree.map((row) => [row.pid, row.cpuSeconds])),
  };
};

/** Keys of the auxiliary vector (getauxval(3)), from which `getconf` has its answers, too. */
const auxiliaryKeys = { pageBytes: 6n, ticksPerSecond: 17n };

/**
 * The units of /proc, as the kernel handed them to this process. Not by `getconf`: small installations come without it.
 * The vector is pairs of words as wide as a pointer; Node has no 32-bit builds any more.
 */
const readUnits = (): { ticksPerSecond: number; pageBytes: number } => {
  const words = new BigUint64Array(Uint8Array.from(readFileSync("/proc/self/auxv")).buffer);
  const entry = (key: bigint): number => {
    const at = words.findIndex((word, index) => index % 2 === 0 && word === key);
    if (at === -1) throw new Error(`/proc/self/auxv has no entry ${key}, so the figures of /proc cannot be read.`);
    return Number(words[at + 1]);
  };
  return { ticksPerSecond: entry(auxiliaryKeys.ticksPerSecond), pageBytes: entry(auxiliaryKeys.pageBytes) };
};
let units: ReturnType<typeof readUnits> | undefined;

const readProc = (): ProcessRow[] => {
  units ??= readUnits();
  const rows: ProcessRow[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      rows.push(parseStat(readFileSync(`/proc/${name}/stat`, "utf8"), units.ticksPerSecond, units.pageBytes));
    } catch {
      // It has ended meanwhile; what it used is in its parent's row.
    }
  }
  return rows;
};

/** Reads one line of /proc/<pid>/stat (proc_pid_stat(5)); a program's name may hold spaces and brackets. */
export const parseStat = (line: string, ticksPerSecond: number, pageBytes: number): ProcessRow => {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  // The manual counts from 1, and the first two fields are cut off.
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    cpuSeconds: (field(14) + field(15)) / ticksPerSecond,
    endedChildrenCpuSeconds: (field(16) + field(17)) / ticksPerSecond,
    residentBytes: field(24) * pageBytes,
  };
};

const readPs = (): ProcessRow[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss=,time="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [pid, parent, kilobytes, time] = line.trim().split(/\s+/) as [string, string, string, string];
      return {
        pid: Number(pid),
        parent: Number(parent),
        cpuSeconds: parsePsTime(time),
        endedChildrenCpuSeconds: 0,
        residentBytes: Number(kilobytes) * 1_024,
      };
    });

/** Reads the time of `ps`, such as `1-02:03:04` or `3:04.56`, in seconds. */
export const parsePsTime = (time: string): number => {
  const [rest, days] = time.split("-").reverse() as [string, string | undefined];
  return rest.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days ?? 0) * 86_400;
};
