import { setTimeout as pause } from "node:timers/promises";
import { basePath } from "@gatehouse-aaa/contract";
import { operationOf } from "./operations.ts";
import { requestHeaders } from "./recorded-answer.ts";
import type { LoopAttempt, LoopDelay, LoopResult } from "./results.ts";
import { freshPrefix, loadGatehouse, type Stage } from "./stage.ts";
import { median } from "./statistics.ts";

/** What might hold the event loop, by the name under which its result stands. */
export const loopScenarios = ["W3", "search-1", "search-2", "search-3", "search-6", "passwords"] as const;
export type LoopScenario = (typeof loopScenarios)[number];

const idleMs = 300;
/** What holds the loop by itself does so each time; what a busy machine adds comes and goes. So the middle counts. */
const attempts = 5;
/** Parts of usernames from common to rare, by their length: one and two letters have no trigram. */
const parts: Readonly<Record<string, readonly string[]>> = {
  "search-1": ["a", "e", "q", "z", "7", "x"],
  "search-2": ["ar", "qu", "zi", "xa", "9z", "yl"],
  "search-3": ["ada", "qui", "zie", "xav", "tor", "9ab"],
  "search-6": ["garcia", "quirog", "victor", "ziegle", "qqqqqq", "r.torr"],
};
const passwordCreates = 20;

/**
 * Asks the server how long its event loop was held while something heavy ran, with the same of a moment's idleness
 * before: on a machine that others use, too, some delay is nobody's. Undefined where the server does not tell.
 */
export const measureEventLoop = async (stage: Stage): Promise<Record<LoopScenario, LoopResult> | undefined> => {
  if ((await readDelay(stage)) === undefined) return undefined;
  const results: Partial<Record<LoopScenario, LoopResult>> = {};
  for (const scenario of loopScenarios) {
    const measured: LoopAttempt[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await readDelay(stage);
      await pause(idleMs);
      const idle = (await readDelay(stage))!;
      await runScenario(stage, scenario);
      measured.push({ idle, loaded: (await readDelay(stage))! });
    }
    results[scenario] = {
      idle: middleOf(measured.map(({ idle }) => idle)),
      loaded: middleOf(measured.map(({ loaded }) => loaded)),
      attempts: measured,
    };
  }
  return results as Record<LoopScenario, LoopResult>;
};

const middleOf = (delays: readonly LoopDelay[]): LoopDelay => ({
  p99: median(delays.map(({ p99 }) => p99))!,
  most: median(delays.map(({ most }) => most))!,
});

const runScenario = async (stage: Stage, scenario: LoopScenario): Promise<void> => {
  if (scenario === "W3") {
    await loadGatehouse(stage, operationOf("W3"), { seconds: 0, amount: 2 });
    return;
  }
  if (scenario !== "passwords") {
    for (const part of parts[scenario]!) await succeed(stage, "GET", `/user/?limit=25&username=${part}`);
    return;
  }
  const prefix = freshPrefix();
  const create = (index: number) =>
    succeed(stage, "POST", "/user/", JSON.stringify({ username: `${prefix}.${index}`, password: `a passphrase of ${index}` }));
  await Promise.all(Array.from({ length: passwordCreates }, (_, index) => create(index)));
};

const succeed = async (stage: Stage, method: string, path: string, body?: string): Promise<void> => {
  const headers = requestHeaders(stage.token, body === undefined ? {} : { body });
  const answer = await fetch(`${stage.gatehouse.address}${basePath}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const said = await answer.text();
  stage.answered += 1;
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${said.slice(0, 500)}`);
};

/** Reads the delay since it was read last; the server begins anew with each reading. */
const readDelay = async (stage: Stage): Promise<LoopDelay | undefined> => {
  const answer = await fetch(`${stage.gatehouse.address}/metrics`, { headers: requestHeaders(stage.token, {}) });
  const text = await answer.text();
  return answer.ok ? parseDelay(text) : undefined;
};

/** Finds the two gauges of the event loop's delay, in seconds, in a page of metrics in Prometheus' text format. */
export const parseDelay = (metrics: string): LoopDelay | undefined => {
  const quantile = (wanted: string): number | undefined => {
    const line = metrics
      .split("\n")
      .find((one) => one.startsWith("gatehouse_event_loop_delay_seconds{") && one.includes(`quantile="${wanted}"`));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
  };
  const [p99, most] = [quantile("0.99"), quantile("1")];
  return p99 === undefined || most === undefined ? undefined : { p99, most };
};
