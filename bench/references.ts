import type { StatementsAnswer, StatementsQuestion } from "./bare-statements.ts";
import { type Child, startChild } from "./child.ts";
import type { PlantedDatabase } from "./data-cache.ts";
import { type Operation, operationOf } from "./operations.ts";
import { say } from "./progress.ts";
import { randomFrom } from "./random.ts";
import { recordAnswer } from "./recorded-answer.ts";
import type { Figures, OperationResult } from "./results.ts";
import { inTurns } from "./rounds.ts";
import { cpuMeter, freshPrefix, loadGatehouse, nextSeed, type Stage } from "./stage.ts";

const referenceNames = ["L1", "W3"] as const;
type ReferenceName = (typeof referenceNames)[number];

/** Where the statements run. */
interface ReferenceDatabases {
  readonly source: Readonly<Record<string, string>>;
  /** A copy of its own to write to. */
  readonly target: Readonly<Record<string, string>>;
}

/** Measures each of the operations given that has a reference, on a copy of the database that `open` makes for the writes. */
export const measureReferences = async (
  stage: Stage,
  measured: readonly Operation[],
  database: PlantedDatabase,
  open: () => Promise<PlantedDatabase>,
): Promise<Record<string, OperationResult>> => {
  const wanted = referenceNames.filter((name) => measured.some(({ id }) => id === name));
  const results: Record<string, OperationResult> = {};
  if (wanted.length === 0) return results;
  const target = await open();
  const statements = startChild<StatementsQuestion, StatementsAnswer | undefined>("bare-statements.ts");
  for (const name of wanted) {
    say(`${name} beside its bare statements`);
    const databases = { source: database.environment, target: target.environment };
    results[name] = await measureReference(stage, statements, name, databases);
  }
  await statements.stop();
  await target.drop();
  return results;
};

/** Measures an operation beside the statements that it cannot do without, run by themselves in a process of their own. */
const measureReference = async (
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
