import { setTimeout as pause } from "node:timers/promises";
import type { Child } from "../child.ts";
import { cpuMeter } from "../stage.ts";
import type { RadiusCase } from "./cases.ts";
import type { RadiusLoadAnswer, RadiusLoadQuestion } from "./load-generator.ts";
import type { RadiusCaseResult, RadiusFigures, RadiusRound } from "./radius-results.ts";
import type { RadiusServer, RadiusServers } from "./radius-servers.ts";
import { summarizeRadius } from "./radius-summary.ts";
import { recordRadiusAnswer } from "./recorder.ts";

/** What stands ready for measuring. */
export interface RadiusStage {
  readonly servers: RadiusServers;
  readonly bare: Child<Uint8Array, number>;
  readonly load: Child<RadiusLoadQuestion, RadiusLoadAnswer>;
  readonly accounts: number;
  readonly run: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly window: number;
  /** Packets that each server has answered so far. */
  readonly answered: { ours: number; theirs: number };
}

type Addressed = Pick<RadiusServer, "pid"> & { readonly port: number };
type Subject = "bare" | "ours" | "theirs";

const nameOfSubject: Readonly<Record<Subject, string>> = { bare: "the bare echo", ours: "Gatehouse", theirs: "FreeRADIUS" };

/** What is written a moment after its answers belongs to the round: traces wait half a second for each other. */
const aftermathMs = 1_000;
/** On a busy machine a packet may find a full buffer; more than this says that the window does not fit. */
const maxLost = 0.01;
/** Packets that a server answers before its first round, in at most so many rounds of a second. */
const warmPackets = 15_000;
const maxWarmRounds = 4;

/** What of a server's answers is no success, in words. A FreeRADIUS that loses packets is measured by those that it did not lose. */
const complaintsOf = (subject: Subject, { faults, requests, unanswered }: RadiusLoadAnswer): string[] => [
  ...Object.entries(faults).map(([what, times]) => `${times} × ${what}`),
  ...(subject !== "theirs" && unanswered > 0 ? [`${unanswered} × no answer`] : []),
  ...(requests === 0 ? ["there were none"] : []),
];

/** Throws unless every answer was a success, and nearly every request was answered at the first asking. */
const requireSuccess = (subject: Subject, id: string, answer: RadiusLoadAnswer, isRound: boolean): void => {
  const complaints = complaintsOf(subject, answer);
  if (isRound && subject === "ours" && answer.lost > answer.requests * maxLost) complaints.push(`${answer.lost} × only when asked again`);
  if (complaints.length === 0) return;
  const when = isRound ? "" : ", before the first round";
  throw new Error(`${id}${when}: of ${answer.requests} answers of ${nameOfSubject[subject]}, no success were: ${complaints.join(", ")}.`);
};

const question = (stage: RadiusStage, one: RadiusCase, subject: Subject, port: number): RadiusLoadQuestion => ({
  subject,
  case: one.id,
  phase: "round",
  port,
  accounts: stage.accounts,
  run: stage.run,
  window: stage.window,
  seconds: stage.seconds,
  isVerified: subject !== "bare",
});

/** Puts one round of load on a server and reads what it cost. */
const measureRound = async (
  stage: RadiusStage,
  one: RadiusCase,
  subject: Subject,
  server: Addressed,
  seconds = stage.seconds,
): Promise<RadiusFigures & Pick<RadiusLoadAnswer, "reported">> => {
  const meter = cpuMeter(server.pid, subject === "bare" ? undefined : stage.servers.databasePid);
  const answer = await stage.load.ask({ ...question(stage, one, subject, server.port), seconds });
  await pause(aftermathMs);
  const cpu = meter();
  requireSuccess(subject, one.id, answer, true);
  if (subject !== "bare") stage.answered[subject] += answer.requests;
  const { requests, p50Ms, p99Ms, lost, reported } = answer;
  return { requests, seconds: answer.seconds, p50Ms, p99Ms, lost, clientCpuSeconds: answer.cpuSeconds, reported, ...cpu };
};

/** Asks a server once for every account what must be known before the first round. */
const prepare = async (stage: RadiusStage, one: RadiusCase, subject: "ours" | "theirs", port: number): Promise<void> => {
  if (one.prelude === "none") return;
  const answer = await stage.load.ask({ ...question(stage, one, subject, port), phase: "prelude", window: 32 });
  requireSuccess(subject, one.id, answer, false);
  stage.answered[subject] += answer.requests;
};

/** Until Node has compiled what it will compile, as far as that can be waited for. */
const warm = async (stage: RadiusStage, one: RadiusCase, subject: Subject, server: Addressed): Promise<void> => {
  let answered = 0;
  for (let round = 0; round < maxWarmRounds && answered < warmPackets; round += 1) {
    answered += (await measureRound(stage, one, subject, server, 1)).requests;
  }
};

export interface MeasuredCase {
  readonly result: RadiusCaseResult;
  /** What each account's session has reported to Gatehouse as its Acct-Session-Time. */
  readonly reported: Float64Array;
}

/** Measures one case in turns, each server first in turn. */
export const measureCase = async (stage: RadiusStage, one: RadiusCase): Promise<MeasuredCase> => {
  const { gatehouse, freeRadius } = stage.servers;
  const ours = { pid: gatehouse.pid, port: gatehouse.ports[one.port] };
  const theirs = freeRadius && { pid: freeRadius.pid, port: freeRadius.ports[one.port] };
  await prepare(stage, one, "ours", ours.port);
  if (theirs) await prepare(stage, one, "theirs", theirs.port);
  const recorded = await recordRadiusAnswer({ case: one.id, port: ours.port, accounts: stage.accounts, run: `${stage.run}-once` });
  const bare = { pid: stage.bare.pid, port: await stage.bare.ask(recorded) };
  const servers = { bare, ours, ...(theirs ? { theirs } : {}) };
  const order = Object.keys(servers) as Subject[];
  for (const subject of order) await warm(stage, one, subject, servers[subject]!);
  const rounds: RadiusRound[] = [];
  let reported = new Float64Array(stage.accounts);
  for (let round = 0; round < stage.rounds; round += 1) {
    const figures: Partial<Record<Subject, RadiusFigures>> = {};
    for (const place of order.keys()) {
      const subject = order[(round + place) % order.length]!;
      const { reported: told, ...measured } = await measureRound(stage, one, subject, servers[subject]!);
      figures[subject] = measured;
      if (subject === "ours") reported = told as typeof reported;
    }
    rounds.push(figures as RadiusRound);
  }
  return { result: summarizeRadius(rounds), reported };
};
