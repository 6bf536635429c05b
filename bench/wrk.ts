import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchRequest } from "./operations.ts";
import { requestHeaders } from "./recorded-answer.ts";

export interface WrkRound {
  readonly address: string;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  /** Sent one after another, over and over. */
  readonly requests: readonly BenchRequest[];
}

export interface WrkFigures {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** Reads the requests, each behind its length, and tells what came of them as one line of JSON. */
const script = (file: string): string => `
local file = assert(io.open(${JSON.stringify(file)}, "rb"))
local requests, next = {}, 0
while true do
  local length = file:read("*n", 1)
  if not length then break end
  requests[#requests + 1] = file:read(length)
end
file:close()
request = function()
  next = next % #requests + 1
  return requests[next]
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
`;

const textOf = (address: string, token: string, request: BenchRequest): Buffer => {
  const headers = Object.entries(requestHeaders(token, request)).map(([name, value]) => `${name}: ${value}\r\n`);
  const body = Buffer.from(request.body ?? "");
  const length = request.body === undefined ? "" : `content-length: ${body.length}\r\n`;
  const head = `${request.method} ${request.path} HTTP/1.1\r\nhost: ${new URL(address).host}\r\n${headers.join("")}${length}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
};

/** One round of load by wrk, where it is installed: one thread, as the other generator has. */
export const runWrk = async ({ address, token, connections, seconds, requests }: WrkRound): Promise<WrkFigures> => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-wrk-"));
  try {
    const [list, program] = [join(folder, "requests"), join(folder, "script.lua")];
    const texts = requests.map((request) => textOf(address, token, request));
    await writeFile(list, Buffer.concat(texts.flatMap((text) => [Buffer.from(`${text.length}\n`), text])));
    await writeFile(program, script(list));
    const bounds = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s"];
    const child = spawn("wrk", [...bounds, "--latency", "-s", program, address], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number | null];
    const line = said.split("\n").findLast((one) => one.startsWith("{"));
    if (code !== 0 || line === undefined) throw new Error(`wrk ended with ${code}:\n${said}`);
    return readFigures(JSON.parse(line) as Record<string, number>);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const readFigures = ({ requests, micros, p50, p99, status, ...broken }: Record<string, number>): WrkFigures => {
  const faults: Record<string, number> = {};
  if (status! > 0) faults["status above 399"] = status!;
  for (const [what, times] of Object.entries(broken)) if (times > 0) faults[`broken: ${what}`] = times;
  return { requests: requests!, seconds: micros! / 1_000_000, p50Ms: p50! / 1_000, p99Ms: p99! / 1_000, faults };
};

/** Whether wrk is on the PATH. Without arguments it prints its usage and ends with 1. */
export const hasWrk = (): boolean => {
  try {
    execFileSync("wrk", ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as { status?: unknown }).status === 1;
  }
};
