import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import pg from "pg";
import { writeArrays } from "../support/array-rounds.ts";
import { plantAccounts } from "../support/many-accounts.ts";
import { genericPlanOf, growingSteps } from "../support/postgres-plans.ts";
import { recordStatements } from "../support/recorded-statements.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** Parts of a large unit go one after another, in other texts than a small one's. */
const [few, large] = [3, 510];
/** The largest is what a request may hold; beside the rest of the suite a smaller one that goes in parts, too. */
const sizes = process.env["TEST_DATABASES"] === "postgres" ? [1, 100, 1_000] : [1, 100, 600];

onEachDatabase("arrays", (open, database) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("of all sizes are written beside no others, by statements that do not grow with them", async () => {
    const known = await textsOf(...[1, few, large].map((size) => () => writeArrays(world, size)));
    const more = await textsOf(...sizes.slice(1).map((size) => () => writeArrays(world, size)));
    // What a new connection is told is none of an array's.
    const grown = [...more].filter((text) => !known.has(text) && !text.startsWith("set "));
    assert.deepEqual(grown, []);
  });

  it("of all sizes are written beside 20,000 others", async () => {
    await plantAccounts(world, 20_000);
    for (const size of sizes) await writeArrays(world, size);
  });

  it("are written by as many statements whatever their size, but that a statement has some hundred rows", {
    skip: database === "sqlite" && "its statements wait for no network",
  }, async () => {
    const sentFor = async (size: number) => {
      const recorded = recordStatements();
      try {
        await writeArrays(world, size);
      } finally {
        recorded.stop();
      }
      return recorded.sent();
    };
    const [small, most] = [await sentFor(100), await sentFor(sizes.at(-1)!)];
    assert.ok(most < 2 * small, `${small} statements for 100 rows of everything, ${most} for ${sizes.at(-1)}`);
  });

  it("are written by plans that read no more the more rows there are", {
    skip: database === "sqlite" && "contracts/sqlite-plans",
  }, async () => {
    const recorded = await textsOf(...[1, few].map((size) => () => writeArrays(world, size)), () => writeArrays(world, large));
    const texts = [...recorded].filter((text) => /^\s*(?:select|insert|update|delete|with)\b/i.test(text));
    assert.ok(texts.length > 40, `${texts.length} statements`);
    const client = new pg.Client({ connectionString: world.config.databaseUrl! });
    await client.connect();
    try {
      for (const setting of ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"]) await client.query(`set ${setting}`);
      // First as the tables were when they were new to the planner, then as autovacuum has counted them.
      for (const known of ["before it has counted", "after"]) {
        const steps: string[] = [];
        for (const text of texts) {
          // Whoever looks for a part of a name reads names until the page is full.
          if (text.includes(" like $")) continue;
          // Units have no hash and merge joins; what only reads may run outside of them.
          const joins = /^\s*select\b(?!.* for (?:no key )?update)/i.test(text) ? "on" : "off";
          await client.query(`set enable_hashjoin = ${joins}; set enable_mergejoin = ${joins}`);
          steps.push(...growingSteps(await genericPlanOf(client, text)).map((step) => `${step}: ${text}`));
        }
        assert.deepEqual(steps, [], known);
        await client.query("analyze");
      }
    } finally {
      await client.end();
    }
  });
});

/** The texts of the statements of some work. */
const textsOf = async (...works: readonly (() => Promise<void>)[]): Promise<ReadonlySet<string>> => {
  const recorded = recordStatements();
  try {
    for (const work of works) await work();
  } finally {
    recorded.stop();
  }
  return recorded.texts;
};
