import type { StatementsAnswer, StatementsQuestion } from "./bare-statements.ts";
import type { Child } from "./child.ts";
import { operationOf } from "./operations.ts";
import { randomFrom } from "./random.ts";
import { recordAnswer } from "./recorded-answer.ts";
import type { Figures, OperationResult } from "./results.ts";
import { inTurns } from "./rounds.ts";
import { cpuMeter, freshPrefix, loadGatehouse, nextSeed, type Stage } from "./stage.ts";

export const referenceNames = ["L1", "W3"] as const;
export type ReferenceName = (typeof referenceNames)[number];

/** Where the statements run. */
export interface ReferenceDatabases {
  readonly source: Readonly<Record<string, string>>;
  /** A copy of its own to write to. */
  readonly target: Readonly<Record<string, string>>;
}

/** Measures an operation beside the statements that it cannot do without, run by themselves in a process of their own. */
export const measureReference = async (
  stage: Stage,
  statements: Child<StatementsQuestion, StatementsAnswer | undefined>,
  reference: ReferenceName,
  databases: ReferenceDatabases,
): Promise<OperationResult> => {
  const operation = operationOf(reference);
  const amount = operation.amount ?? 0;
  const namePrefix = reference === "W3" ? await writeExample(stage) : "";
  const question = (): StatementsQuestion => ({
    ...databases,
    reference,
    phase: "run",
    namePrefix,
    seed: nextSeed(),
    seconds: stage.seconds,
    amount,
  });
  const runStatements = async (): Promise<Figures> => {
    const asked = question();
    await statements.ask({ ...asked, phase: "prepare" });
    const meter = cpuMeter(statements.pid, stage.databasePid);
    const answer = await statements.ask(asked);
    return { ...answer!, ...meter(), clientCpuSeconds: 0 };
  };
  await runStatements();
  await loadGatehouse(stage, operation, { seconds: 1, ...(amount === 0 ? {} : { amount: 1 }) });
  return inTurns(stage.rounds, runStatements, () => loadGatehouse(stage, operation));
};

/** Lets Gatehouse write one array, of which the bare inserts take their rows; returns how the usernames begin. */
const writeExample = async (stage: Stage): Promise<string> => {
  const prefix = freshPrefix();
  let made = 0;
  const freshName = () => `${prefix}.${made++}`;
  const kind = operationOf("W3").kinds[0]!;
  const request = kind.make({ users: stage.users, pick: randomFrom(1), value: randomFrom(2), freshName });
  const answer = await recordAnswer(stage.gatehouse.address, stage.token, request, kind.begins);
  if (answer.status !== 201) throw new Error(`W3: an array was answered ${answer.status}.`);
  return prefix;
};
