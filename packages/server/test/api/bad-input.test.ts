import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, type Operation } from "@gatehouse-aaa/contract";
import fc from "fast-check";
import { maxDepth } from "../../src/http/body-reader.ts";
import { assertProblem, leastBody, type Paths, pathsIn } from "../support/operations.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** The same inputs each time, so that a suite that passed passes again; set TEST_FUZZ_SEED to look elsewhere. */
const seed = Number(process.env["TEST_FUZZ_SEED"] ?? 20_260_801);
const times = Number(process.env["TEST_FUZZ_TIMES"] ?? 1);
const runs = { sqlite: 250 * times, postgres: 80 * times };
const patienceMs = 4_000 * times;

const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

/** JSON texts that have broken parsers, validators and databases before. */
const hostileTexts = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e308",
  "-1e999",
  "9007199254740993",
  "123456789012345678901234567890",
  '""',
  '" "',
  '"60"',
  '"\\u0000"',
  '"\\ud800"',
  '"a\\udfffb"',
  '"__proto__"',
  `"${"x".repeat(300)}"`,
  `"${"ß".repeat(3_000)}"`,
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '[""]',
  '[{"id":1},{"id":1}]',
  '{"toString":1,"constructor":{"prototype":{}}}',
  '{"\\u0000":1}',
  '{"":""}',
  '{"a":"\\ud800"}',
  '{"\\ud800":1}',
  deep(3_000, "[", "]"),
  deep(3_000, '{"a":', "}").replace('"a":}', '"a":1}'),
  '{"__proto__":{"is_active":true}}',
  '"\'; drop table user_account; --"',
  '"{{7*7}}%s%n"',
];

/** Nested lists and objects of about 200,000 levels, and one whose innermost text no database stores. */
const deepest = [
  `{"a":${deep(200_000, "[", "]")}}`,
  `${'{"a":'.repeat(170_000)}1${"}".repeat(170_000)}`,
  `{"a":${"[".repeat(200_000)}"\\u0000"${"]".repeat(200_000)}}`,
];

/** Nested as deep as is still read as a body. */
const deepEnough = `${'{"a":'.repeat(maxDepth - 2)}1${"}".repeat(maxDepth - 2)}`;

const hostile = fc.oneof(fc.constantFrom(...hostileTexts), fc.json({ maxDepth: 3, stringUnit: "binary" }));

/** A body as text: anything at all, or the least body with one field of the schema made hostile. */
const bodyOf = (op: Operation) => {
  const known = Object.keys((op.body as { properties?: object }).properties ?? {});
  const withField = fc.tuple(fc.constantFrom(...known, "unknown"), hostile).map(([name, text]) => {
    const { [name]: _, ...rest } = leastBody(op);
    const others = JSON.stringify(rest).slice(1, -1);
    return `{${others}${others === "" ? "" : ","}${JSON.stringify(name)}:${text}}`;
  });
  const one = fc.oneof({ weight: 1, arbitrary: hostile }, { weight: 5, arbitrary: withField });
  if (op.rows === undefined) return one;
  return fc.oneof(
    one,
    fc.array(one, { maxLength: 3 }).map((rows) => `[${rows.join(",")}]`),
  );
};

onEachDatabase("input of any kind is taken or refused by name", (open, database) => {
  let world: World;
  let paths: Paths;
  before(async () => {
    world = await open();
    paths = await pathsIn(world);
  });
  after(() => world.close());

  for (const op of allOperations.filter((one) => one.body)) {
    it(`${op.operationId} never answers 500`, async () => {
      const property = fc.asyncProperty(bodyOf(op), async (raw) => {
        const answer = await world.request(op.method, paths.get(op.operationId)!, { raw });
        if (answer.status < 400) return;
        assert.ok(answer.status < 500, JSON.stringify(answer.body));
        assertProblem(answer, answer.status, op);
      });
      await fc.assert(property, { seed, numRuns: runs[database], interruptAfterTimeLimit: patienceMs });
    });

    it(`${op.operationId} refuses the key __proto__ at any depth`, async () => {
      for (const raw of ['{"__proto__":{"a":1}}', '{"a":[{"__proto__":1}]}', '[{"\\u005f_proto__":1}]']) {
        assertProblem(await world.request(op.method, paths.get(op.operationId)!, { raw }), 400, op);
      }
    });

    it(`${op.operationId} bears nesting as deep as a body can be`, async () => {
      const names = Object.keys((op.body as { properties?: object }).properties ?? {});
      const types = ["application/json", ...(op.method === "PATCH" ? ["application/merge-patch+json"] : [])];
      // The deepest are refused before any field is looked at, so one field stands for all.
      const asked = [...names.map((name) => [name, deepEnough] as const), ...deepest.map((text) => [names[0]!, text] as const)];
      for (const [name, nest, type] of asked.flatMap(([one, text]) => types.map((kind) => [one, text, kind] as const))) {
        const { [name]: _, ...rest } = leastBody(op);
        const others = JSON.stringify(rest).slice(1, -1);
        const one = `{${others === "" ? "" : `${others},`}${JSON.stringify(name)}:${nest}}`;
        const raw = op.rows === "required" ? `[${one}]` : one;
        const answer = await world.request(op.method, paths.get(op.operationId)!, { raw, headers: { "content-type": type } });
        if (answer.status >= 400) assertProblem(answer, answer.status, op);
        assert.ok(answer.status < 500, `${name}: ${answer.status}`);
      }
    });
  }

  it("queries and paths of any kind are taken or refused by name", async () => {
    const values = [
      "",
      "%00",
      "%ff",
      "%ED%A0%80",
      "-1",
      "1e3",
      "9".repeat(40),
      "'--",
      "a".repeat(3_000),
      "%2e%2e",
      "..",
      "*",
      "%",
      "\u00e9",
    ];
    for (const op of allOperations.filter((one) => one.method === "GET")) {
      const path = paths.get(op.operationId)!;
      const asked = Object.keys(op.query?.properties ?? {}).flatMap((name) => values.map((value) => `${path}?${name}=${value}`));
      const elsewhere = op.path.includes("{") ? values.map((value) => op.path.replace(/\{\w+\}/, value)) : [];
      for (const url of [...asked, ...elsewhere]) {
        const answer = await world.get(url);
        assert.ok(answer.status < 500, `${url}: ${answer.status}`);
        if (answer.status >= 400) assertProblem(answer, answer.status);
      }
    }
  });
});
