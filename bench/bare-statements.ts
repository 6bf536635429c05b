import { createHistogram } from "node:perf_hooks";
import { prepareInserts } from "./bare-inserts.ts";
import { answerParent } from "./child.ts";
import { organizations, plannedOrganization } from "./data-set.ts";
import { randomFrom } from "./random.ts";
import { openStatements, type StatementRunner } from "./statement-runner.ts";

/** What to run without a server: the page of a list, or the rows of one array of new accounts. */
export interface StatementsQuestion {
  readonly reference: "L1" | "W3";
  /** What is only made ready is not measured. */
  readonly phase: "prepare" | "run";
  /** The database that the served world is in. */
  readonly source: Readonly<Record<string, string>>;
  /** A copy of its own to write to. */
  readonly target: Readonly<Record<string, string>>;
  /** Begins the usernames of the accounts of which the rows to insert are made. */
  readonly namePrefix: string;
  readonly seed: number;
  readonly seconds: number;
  /** Arrays of new accounts to insert. */
  readonly amount: number;
}

export interface StatementsAnswer {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The statements of a page of 25 and of its count, as anybody would write them by hand. */
const listStatement = "select * from user_account where name_space_id = $1 and organization_id = $2 order by id limit 26";
const countStatement =
  "select sum(total) as total from kept_count where name_space_id = $1 and organization_id = $2 and counted in ('user.active', 'user.inactive')";

const readPage = async (runner: StatementRunner, organization: { id: number; namespaceId: number }): Promise<void> => {
  const place = [organization.namespaceId, organization.id];
  const rows = await runner.rows(listStatement, place);
  const [count] = await runner.rows(countStatement, place);
  if (rows.length !== 26 || Number(count?.["total"]) < rows.length) throw new Error("The bare statements found no whole page.");
};

const open = new Map<string, Promise<StatementRunner>>();
const runnerOf = (environment: Readonly<Record<string, string>>, readonly: boolean): Promise<StatementRunner> => {
  const key = JSON.stringify([environment, readonly]);
  const runner = open.get(key) ?? openStatements(environment, readonly);
  open.set(key, runner);
  return runner;
};

let writeUnit: ((unit: number) => Promise<void>) | undefined;

const answer = async (question: StatementsQuestion): Promise<StatementsAnswer | undefined> => {
  const source = await runnerOf(question.source, true);
  if (question.phase === "prepare") {
    writeUnit = question.reference === "W3" ? await prepareInserts(source, await runnerOf(question.target, false), question) : undefined;
    return undefined;
  }
  const histogram = createHistogram();
  const pick = randomFrom(question.seed);
  const startedMs = performance.now();
  const isOver = () => (writeUnit ? requests >= question.amount : performance.now() - startedMs >= question.seconds * 1_000);
  let requests = 0;
  for (; !isOver(); requests += 1) {
    const beganMs = performance.now();
    if (writeUnit) await writeUnit(requests);
    else await readPage(source, plannedOrganization(pick(organizations)));
    histogram.record(Math.max(1, Math.round((performance.now() - beganMs) * 1_000)));
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  return { requests, seconds, p50Ms: histogram.percentile(50) / 1_000, p99Ms: histogram.percentile(99) / 1_000 };
};

answerParent(answer);
