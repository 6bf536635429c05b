import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const bin = join(import.meta.dirname, "../../bin/gatehouse.mjs");
const startPatienceMs = 120_000;

/** What the machine gives to every program; no setting of ours is among it. */
export const machine = (): Record<string, string> => ({ PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" });

/** Starts `gatehouse` as its own process: this Node, the real entry, and no environment but the one given. */
export const spawnProgram = (args: readonly string[], environment: Record<string, string>, entry = bin): ChildProcess =>
  spawn(process.execPath, [...(entry === bin ? ["--conditions=gatehouse-source"] : []), entry, ...args], {
    env: { ...machine(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const collect = (child: ChildProcess) => {
  const said = { stdout: "", stderr: "" };
  child.stdout!.on("data", (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  return said;
};

/** Runs a command to its end. */
export const runProgram = async (args: readonly string[], environment: Record<string, string>): Promise<Ended> => {
  const child = spawnProgram(args, environment);
  const said = collect(child);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
};

/** A server that runs as its own process. */
export interface Served {
  readonly address: string;
  readonly pid: number;
  /** Everything it has said on standard output. */
  output(): string;
  request(method: string, path: string, token: string, body?: unknown): Promise<Response>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended & { signal: string | null; tookMs: number }>;
}

/** Starts `gatehouse serve` on a free port and waits until it says that it is ready. */
export const serveProgram = async (
  environment: Record<string, string>,
  args: readonly string[] = ["serve"],
  entry?: string,
): Promise<Served> => {
  const child = spawnProgram(args, { GATEHOUSE_PORT: "0", ...environment }, entry);
  const said = collect(child);
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  const ready = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no banner in time:\n${said.stdout}${said.stderr}`)), startPatienceMs);
    const finish = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    child.stdout!.on("data", () => {
      const address = /API +(http:\/\/\S+)\/api\/v1\//.exec(said.stdout)?.[1];
      if (address && said.stdout.includes("limit=10")) finish(() => resolve(address));
    });
    child.once("close", (code) => finish(() => reject(new Error(`ended with ${code}:\n${said.stdout}${said.stderr}`))));
  });
  try {
    const address = await ready;
    return {
      address,
      pid: child.pid!,
      output: () => said.stdout,
      request: (method, path, token, body) =>
        fetch(`${address}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      async end(signal) {
        const startedAt = performance.now();
        child.kill(signal);
        const [code, by] = await ended;
        return { code, signal: by, ...said, tookMs: performance.now() - startedAt };
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
};
