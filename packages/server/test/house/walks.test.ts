import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readTracked, serverSources } from "./source-tree.ts";
import { lostSteps, walksIn } from "./walk-rules.ts";

describe("the walks through the code", () => {
  const page = readTracked("docs/architecture.md");

  it("are four, from the socket to the answer", () => {
    const walks = walksIn(page);
    assert.equal(walks.length, 4);
    for (const { title, lines } of walks) assert.ok(lines.length >= 6, title);
  });
  it("name a file and a function at each step", () => assert.deepEqual(lostSteps(page, serverSources()), []));
});

describe("the check of walks", () => {
  const sources = [
    { path: "packages/server/src/http/page.ts", text: "export const readPage = () => {};\nconst make = () => ({ write() {} });" },
  ];
  const lost = (...lines: string[]) =>
    lostSteps(`# Page\n\n## A walk: a request\n\n${lines.join("\n")}\n\n## Rules\n\n1. Other.\n`, sources);

  it("takes functions and methods that are there", () =>
    assert.deepEqual(lost("1. `http/page.ts` `readPage`: reads.", "2. `page.ts` `write`: writes.", "Prose."), []));

  it("refuses a step without a file, a file that is not there, and a function that is not in it", () => {
    for (const line of ["1. The page is read.", "1. `page.ts`: reads.", "1. `pages.ts` `readPage`: reads.", "1. `page.ts` `read`: reads."])
      assert.equal(lost(line).length, 1, line);
  });
});
