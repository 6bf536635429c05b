import pg from "pg";

/** Tables that grow with the accounts, and with what becomes of them. */
const growing = new RegExp(
  `^(?:${[
    "user_account|user_extra|user_group|user_profile|reversible_secret|device|device_move|time_balance|time_ledger|audit_entry|outbox_event",
    "session|session_event|session_request|session_deadline|access_decision|reservation",
  ].join("|")})$`,
);

/** What many rows have in common: to look for it alone is to read them all. */
const common = new Set(["name_space_id", "organization_id", "kind", "counted", "client_id", "profile_name_space_id"]);

/** Indexes of rows that are few at any time, for they leave them soon. */
const short = /^session_request__(?:due|waiting)$/;

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How PostgreSQL would run a statement whatever its values are: as the connections of units are set up. */
const genericPlanOf = async (client: pg.Client, text: string): Promise<PlanNode> => {
  const numbers = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
  const values = Array<string>(Math.max(0, ...numbers)).fill("null");
  await client.query(`prepare asked as ${text}`);
  try {
    const { rows } = await client.query(`explain (format json) execute asked${values.length > 0 ? `(${values.join()})` : ""}`);
    return rows[0]["QUERY PLAN"][0].Plan;
  } finally {
    await client.query("deallocate asked");
  }
};

/** The steps of a plan that read more the more rows a table has, and those that look for a whole text where parts are looked for. */
const growingSteps = (node: PlanNode, table = node["Relation Name"]): string[] => {
  const below = (node.Plans ?? []).flatMap((plan) => growingSteps(plan, plan["Relation Name"] ?? table));
  const { "Node Type": type, "Index Name": index, "Index Cond": condition = "" } = node;
  const reads =
    type === "Bitmap Index Scan" || (node["Relation Name"] !== undefined && type.endsWith("Scan") && type !== "Bitmap Heap Scan");
  if (!reads || table === undefined || !growing.test(table)) return below;
  const named = [...condition.matchAll(/\(*(?:\w+\.)?(\w+)\)?(?:::\w+)? (?:=|>|<|IS)/g)].map(([, column]) => column!);
  if (index !== undefined && short.test(index)) return below;
  const isSearch = index?.endsWith("_search") ?? false;
  if (!isSearch && named.some((column) => !common.has(column))) return below;
  return [...below, `${type} of ${table} by ${index ?? "nothing"} ${condition}`];
};

/**
 * The growing steps of statements' plans, each with its text: as the tables were when they were new to the planner, or as autovacuum
 * counts them. What looks for a part of a name is none of them: it reads names until its page is full. What
 * is read of empty tables says nothing.
 */
export const findGrowingSteps = async (url: string, texts: Iterable<string>, empty: readonly string[] = []): Promise<string[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const setting of ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"]) await client.query(`set ${setting}`);
    const steps: string[] = [];
    for (const text of texts) {
      if (!/^\s*(?:select|insert|update|delete|with)\b/i.test(text) || text.includes(" like $")) continue;
      // Units have no hash and merge joins; what only reads may run outside of them.
      const joins = /^\s*select\b(?!.* for (?:no key )?update)/i.test(text) ? "on" : "off";
      await client.query(`set enable_hashjoin = ${joins}; set enable_mergejoin = ${joins}; set enable_material = ${joins}`);
      const growing = growingSteps(await genericPlanOf(client, text)).filter(
        (step) => !empty.some((table) => step.includes(` of ${table} by`)),
      );
      steps.push(...growing.map((step) => `${step}: ${text}`));
    }
    return steps;
  } finally {
    await client.end();
  }
};

/** Counts the rows of a database's tables for its planner, as autovacuum does within a minute. */
export const countRows = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("analyze");
  await client.end();
};
