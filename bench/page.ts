import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NeighbourResult, neighbourPart } from "./neighbour/neighbour-results.ts";
import { radiusPart } from "./radius/radius-page.ts";
import type { RadiusResult } from "./radius/radius-results.ts";
import { nameOf, type Result } from "./results.ts";
import { clientNote, factsOf, figure, markdown, operationsTable, verdictsTable } from "./tables.ts";
import { judge } from "./targets.ts";

const path = join(import.meta.dirname, "../docs/reference/performance.md");
const note = "<!-- Made by `npm run bench -- --save`. Measure again instead of changing this page. -->";

const repeat = `## How to repeat it

\`\`\`console
npm ci
npm run bench                         # this table, on your machine
npm run bench -- --soak --save        # what made this page
npm run bench -- --check              # fails where CPU per request rose by more than a fifth over what is committed
npm run bench -- one-account           # what one account bears, on both databases
npm run bench -- arrays                # what arrays of 1,000 rows take
npm run bench -- --help
\`\`\`

Every figure is taken in turns with a bare \`node:http\` server that answers the same bytes to the same requests, in one
run. The CPU ratio is the bare server's CPU time per request divided by that of everything that serves the request here,
the database server included: 1 would be as cheap as Node itself, and the figure holds on a noisy machine as well. What
is measured and why so: [decision 9](../decisions/0009-how-speed-is-measured.md).`;

/** Measured by `npm run bench -- one-account`, which keeps no results. */
const oneAccount = `## One account

Ten loops of Start, Interim-Update and Stop beside four of \`top_up\`, all of one account, and another tenant's logins beside them,
for eight seconds on each database in turns. On a machine of 2 cores that other work kept busy (9 to 12 processes waiting for them),
SQLite did 1.6 times what PostgreSQL did (five pairs: 4.2, 2.0, 1.5, 1.6, 1.1), at 0.5 ms of CPU for each operation; PostgreSQL took
0.8 ms in this process and 0.6 ms in the server. Where units of one account share no transactions it was 3.7 and 7.0 times, at 4 ms and 3 ms.
Measure yours: \`npm run bench -- one-account\`.`;

/** Measured by `npm run bench -- arrays`, which keeps no results. */
const arrays = `## Arrays of 1,000 rows

Milliseconds for one call, the median of three, one call at a time, in tables that are empty and in tables that were filled with 20,000
accounts of similar names just before, which PostgreSQL had not counted yet. Debian's PostgreSQL 15 as its package sets it up. The
machine's 2 cores were shared with other work (9 to 11 processes waiting for them), so that a quiet machine takes less.

| array | SQLite, beside none | beside 20,000 | PostgreSQL 15, beside none | beside 20,000 |
| --- | --- | --- | --- | --- |
| \`POST /user/\` | 164 | 164 | 361 | 337 |
| \`PATCH /user/\` | 142 | 281 | 446 | 501 |
| \`PATCH /user/\` to another organization, with user extras and two devices each | 328 | 467 | 1,156 | 1,387 |
| \`POST /user_token/\` | 99.0 | 108 | 422 | 452 |
| \`POST /user_token/\` with password hashes | 83.6 | 97.3 | 255 | 359 |
| \`PATCH /user_token/\` | 79.9 | 78.0 | 323 | 445 |
| \`POST /user_extra/\` with two devices each | 248 | 333 | 937 | 889 |
| \`PATCH /user_extra/\` with two other devices each | 378 | 557 | 1,213 | 1,262 |

There are no arrays for PUT and DELETE. Measure yours: \`npm run bench -- arrays\`, with \`--stock\` on the PostgreSQL that is installed.`;

/** Figures of others, so that a reader has something to hold the table against. */
const peers = `## Others at the same work

Measured earlier, on the same kind of machine and beside the same bare server, and **not in this run**: requests per second as a
ratio to bare \`node:http\`, on PostgreSQL.

| Work | PostgREST | Django REST framework | Directus |
| --- | --- | --- | --- |
| one record by id | 0.06 | 0.008 | 0.004 |
| page of 25 with its count | 0.02 | 0.004 | |
| durable change of one field | 0.035 | 0.007 | |
| mix of 80 % reads, 10 % lists, 10 % changes | 0.04 | 0.008 | |

A deep page by offset, with its count, came from each of them 25 to 40 times a second at 100,000 records.`;

const describe = (result: Result): string => {
  const { machine } = result;
  const settings = Object.entries(result.databaseSettings).map(([name, value]) => `${name}=${value}`);
  return [
    `${machine.processor}, ${machine.cores} cores, ${figure(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node.slice(1)};`,
    `${result.databaseVersion} (${settings.join(", ")}); commit ${result.commit}, ${result.date.slice(0, 10)};`,
    `${result.settings.rounds} rounds of ${result.settings.seconds} s by ${result.settings.tool}.`,
  ].join("\n");
};

const sectionOf = (result: Result): string => {
  const processes = result.workers === 1 ? "one process" : `${result.workers} workers`;
  const database = result.database === "sqlite" ? "SQLite" : "PostgreSQL";
  return [
    `## ${database}, ${processes}, ${result.users.toLocaleString("en")} users`,
    describe(result),
    markdown(operationsTable(result)),
    factsOf(result).join("\n"),
  ].join("\n\n");
};

/** Writes docs/reference/performance.md from the committed results. */
export const writePage = async (
  results: readonly Result[],
  radius: readonly RadiusResult[],
  neighbours: readonly NeighbourResult[],
): Promise<void> => {
  const radiusText = radiusPart(radius);
  const neighbourText = neighbourPart(neighbours);
  const ordered = [...results].sort((one, other) => one.users - other.users || nameOf(other).localeCompare(nameOf(one)));
  const text = [
    note,
    "# Performance",
    "What Gatehouse takes for the work it exists for, as it was last measured, with log and audit trail on.",
    "## Targets",
    markdown(verdictsTable(judge(results))),
    ...ordered.map(sectionOf),
    ...(radiusText === undefined ? [] : [radiusText]),
    clientNote.replace(/^\*/, "\\*"),
    ...(neighbourText === undefined ? [] : [neighbourText]),
    oneAccount,
    arrays,
    repeat,
    peers,
  ].join("\n\n");
  await writeFile(path, `${text}\n`);
};
