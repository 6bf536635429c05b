import { figure, markdown, verdictsTable } from "../tables.ts";
import type { RadiusResult } from "./radius-results.ts";
import { besideFreeRadiusTable, radiusFacts, radiusTable } from "./radius-tables.ts";
import { judgeRadius } from "./radius-targets.ts";

const introduction = `## RADIUS

The embedded door, beside a bare \`node:dgram\` echo of the same bytes and beside FreeRADIUS with \`rlm_sql\`: its own schema and
queries as shipped, passwords in clear, on the same kind of database, with one thread on SQLite, where it answers the most
logins, and 32 on PostgreSQL, each with its connection. It keeps no trace of logins; Gatehouse does. Passwords here are Argon2id hashes that were verified once before.`;

const repeat = `\`\`\`console
npm run bench -- radius               # these tables, on your machine
npm run bench -- radius --save        # what made this section
npm run bench -- radius --check       # fails where CPU per packet rose by more than a fifth over what is committed
npm run bench -- radius --help
\`\`\``;

const sectionOf = (result: RadiusResult): string => {
  const { machine, database } = result;
  const theirs = besideFreeRadiusTable(result);
  const settings = Object.entries(result.databaseSettings).map(([name, value]) => `${name}=${value}`);
  return [
    `### RADIUS on ${database === "sqlite" ? "SQLite" : "PostgreSQL"}, one process`,
    [
      `${machine.processor}, ${machine.cores} cores, ${figure(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node.slice(1)};`,
      `${result.databaseVersion} (${settings.join(", ")}); commit ${result.commit}, ${result.date.slice(0, 10)}.`,
    ].join("\n"),
    markdown(radiusTable(result)),
    ...(theirs ? [markdown(theirs)] : []),
    radiusFacts(result).join("\n"),
  ].join("\n\n");
};

/** The page's part about the RADIUS door; undefined where nothing of it is committed. */
export const radiusPart = (results: readonly RadiusResult[]): string | undefined => {
  if (results.length === 0) return undefined;
  const ordered = [...results].sort((one, other) => other.database.localeCompare(one.database));
  return [introduction, markdown(verdictsTable(judgeRadius(results))), ...ordered.map(sectionOf), repeat].join("\n\n");
};
