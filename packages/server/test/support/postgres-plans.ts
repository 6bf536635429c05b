import type pg from "pg";

/** Tables that grow with the accounts. */
const growing =
  /^(?:user_account|user_extra|user_group|user_profile|device|device_move|time_balance|time_ledger|audit_entry|outbox_event)$/;

/** What many rows have in common: to look for it alone is to read them all. */
const common = new Set(["name_space_id", "organization_id", "kind", "counted"]);

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How PostgreSQL would run a statement whatever its values are: as the connections of units are set up. */
export const genericPlanOf = async (client: pg.Client, text: string): Promise<PlanNode> => {
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
export const growingSteps = (node: PlanNode, table = node["Relation Name"]): string[] => {
  const below = (node.Plans ?? []).flatMap((plan) => growingSteps(plan, plan["Relation Name"] ?? table));
  const { "Node Type": type, "Index Name": index, "Index Cond": condition = "" } = node;
  const reads =
    type === "Bitmap Index Scan" || (node["Relation Name"] !== undefined && type.endsWith("Scan") && type !== "Bitmap Heap Scan");
  if (!reads || table === undefined || !growing.test(table)) return below;
  const named = [...condition.matchAll(/\(*(?:\w+\.)?(\w+)\)?(?:::\w+)? (?:=|>|<|IS)/g)].map(([, column]) => column!);
  const isSearch = index?.endsWith("_search") ?? false;
  if (!isSearch && named.some((column) => !common.has(column))) return below;
  return [...below, `${type} of ${table} by ${index ?? "nothing"} ${condition}`];
};
