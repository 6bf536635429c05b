import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFunctions } from "../support/source-functions.ts";
import { unexcused } from "./exceptions.ts";
import { crowdedFactories, longerFunctions, longFunctions, manyDependencies } from "./function-rules.ts";
import { benchSources, contractSources, serverSources, sourcesBelow } from "./source-tree.ts";

const written = [...serverSources(), ...contractSources(), ...benchSources(), ...sourcesBelow("packages/server/test/support")];

describe("functions", () => {
  it("have at most 50 lines of their own", () => assert.deepEqual(unexcused(longerFunctions(written), longFunctions), []));
  it("take at most six named dependencies", () => assert.deepEqual(unexcused(crowdedFactories(written), manyDependencies), []));
});

const lines = (count: number) => "  x();\n".repeat(count);

describe("the checks of functions", () => {
  const longer = (text: string) => longerFunctions([{ path: "a.ts", text }]).map(({ key }) => key);

  it("refuse 51 lines, and take 50", () => {
    assert.deepEqual(longer(`const long = () => {\n${lines(49)}};\n`), ["a.ts#long"]);
    assert.deepEqual(longer(`const short = (a: number): void => {\n${lines(48)}};\n`), []);
    assert.deepEqual(longer(`class A {\n  long() {\n${lines(50)}  }\n}\n`), ["a.ts#long"]);
    assert.deepEqual(longer(`export const make = () => ({\n  async long() {\n${lines(50)}  },\n});\n`), ["a.ts#long"]);
  });

  it("count a function inside as one line, and comments and empty lines as none", () => {
    const steps = (count: number) => Array.from({ length: count }, (_, at) => `  const step${at} = () => {\n${lines(40)}  };\n`).join("");
    assert.deepEqual(longer(`function outer() {\n${steps(18)}${lines(30)}}\n`), []);
    assert.deepEqual(longer(`function outer() {\n${steps(19)}${lines(30)}}\n`), ["a.ts#outer"]);
    assert.deepEqual(longer(`function told() {\n${lines(40)}${"  // why\n\n  /* and\n what */\n".repeat(20)}}\n`), []);
  });

  it("name functions by where they stand", () => {
    const text =
      "const run = () => all.map((one) => list.filter(() => one));\nexport const make = () => ({ say: async () => {}, get x() { return 1; } });";
    const names = parseFunctions(text).functions.map(({ name }) => name);
    assert.deepEqual(names, ["run", "run > all.map()", "run > all.map() > list.filter()", "make", "say", "x"]);
  });

  it("refuse seven dependencies, and take six", () => {
    const crowded = (text: string) => crowdedFactories([{ path: "a.ts", text }]).map(({ key }) => key);
    const members = (count: number) => Array.from({ length: count }, (_, at) => `  /** What; why. */\n  readonly d${at}: A;\n`).join("");
    assert.deepEqual(crowded(`export interface BigDependencies<Stores extends A> {\n${members(7)}}\n`), ["a.ts#BigDependencies"]);
    assert.deepEqual(crowded(`export interface FitDependencies {\n${members(6)}}\n`), []);
    assert.deepEqual(crowded(`type BigDependencies = {\n${members(5)}  say(a: { b: 1; c: 2 }): void;\n  more: [A, B];\n};\n`), [
      "a.ts#BigDependencies",
    ]);
    assert.deepEqual(crowded(`interface FitDependencies {\n${members(5)}  say(a: { b: 1; c: 2 }): void;\n}\n`), []);
    assert.deepEqual(crowded(`export const make = (deps: {\n${members(7)}}): A => {};\n`), ["a.ts#make"]);
    assert.deepEqual(crowded(`export const make = (deps: {\n${members(6)}}): A => {};\n`), []);
  });
});
