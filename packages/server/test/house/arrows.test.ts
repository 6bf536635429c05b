import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brokenArrows, brokenRanks, cycles, impureImports } from "./arrow-rules.ts";
import { ghostEntries } from "./ghost-rules.ts";
import { contractSources, importsOf, type Source, serverSources, source } from "./source-tree.ts";

const src = "packages/server/src";
const importing = (path: string, ...names: string[]): Source =>
  source(`${src}/${path}`, names.map((name) => `import { x } from "${name}";\n`).join(""));

describe("the arrows of the house", () => {
  const sources = [...serverSources(), ...contractSources()];

  it("every import follows them", () => assert.deepEqual(brokenArrows(sources), []));
  it("the pure rooms know no package that does something", () => assert.deepEqual(impureImports(sources), []));
  it("modules import only lower ones, through their index.ts", () => assert.deepEqual(brokenRanks(sources), []));
  it("nothing imports itself in a circle, types included", () => assert.deepEqual(cycles(sources), []));
  it("every entry of the rules is used", () => assert.deepEqual(ghostEntries(sources), []));
});

describe("the checks of the arrows", () => {
  it("see every way to import", () => {
    const text = [
      'import "./a.ts";',
      'import b from "./b.ts";',
      'import type { C } from "../c.ts";',
      'import {\n  d,\n  type E,\n} from "./d.ts";',
      'export * from "./e.ts";',
      'export { f } from "pg";',
      'const g = await import("./g.ts");',
      'import * as h from "node:fs";',
    ].join("\n");
    assert.deepEqual(importsOf("x/y/z.ts", text), ["x/y/a.ts", "x/y/b.ts", "x/c.ts", "x/y/d.ts", "x/y/e.ts", "pg", "x/y/g.ts", "node:fs"]);
  });

  it("refuse an import against the arrows", () => {
    for (const [path, name] of [
      ["kernel/a.ts", "../storage/database.ts"],
      ["http/a.ts", "../modules/accounts/users/index.ts"],
      ["http/a.ts", "../storage/database.ts"],
      ["storage/a.ts", "../http/route.ts"],
      ["storage/a.ts", "../modules/accounts/users/index.ts"],
      ["jobs/a.ts", "../modules/accounts/users/index.ts"],
      ["aaa/authorization/a.ts", "../../storage/database.ts"],
      ["radius/server/a.ts", "../../modules/accounts/users/index.ts"],
      ["radius/dynamic-authorization/a.ts", "../server/radius-server.ts"],
      ["modules/accounts/users/a.ts", "../../../radius/protocol/packet/packet.ts"],
      ["radius/protocol/a.ts", "../../aaa/authorization/decide.ts"],
      ["modules/accounts/users/a.ts", "../../../composition/app.ts"],
      ["modules/accounts/users/a.ts", "../../../config/settings.ts"],
      ["composition/app.ts", "../commands/serve.ts"],
      ["kernel/a.ts", "../support/world.ts"],
    ] as const) {
      assert.equal(brokenArrows([importing(path, name)]).length, 1, `${path} imports ${name}`);
    }
    assert.deepEqual(
      brokenArrows([
        importing("modules/accounts/users/a.ts", "../../../http/page.ts", "../../../kernel/ids.ts", "@gatehouse-aaa/contract"),
      ]),
      [],
    );
    assert.equal(brokenArrows([source(`${src}/elsewhere/a.ts`, "")]).length, 1, "a file in no room");
    assert.equal(
      brokenArrows([source("packages/contract/src/a.ts", 'import { x } from "../../server/src/composition/app.ts";')]).length,
      1,
    );
  });

  it("refuse packages in pure rooms", () => {
    assert.equal(impureImports([importing("kernel/a.ts", "kysely", "node:fs", "node:crypto", "@gatehouse-aaa/contract")]).length, 2);
    assert.equal(impureImports([source("packages/contract/src/a.ts", 'import "node:path";')]).length, 1);
  });

  it("refuse a climbing module and a way around index.ts", () => {
    const from = "modules/accounts/users/a.ts";
    assert.equal(brokenRanks([importing(from, "../devices/index.ts")]).length, 1);
    assert.equal(brokenRanks([importing("modules/foundation/change-log/a.ts", "../../accounts/users/index.ts")]).length, 1);
    assert.equal(brokenRanks([importing(from, "../time-ledger/time-ledger.store.ts")]).length, 1);
    assert.equal(brokenRanks([importing("composition/app.ts", "../modules/accounts/users/user.store.ts")]).length, 1);
    assert.equal(brokenRanks([importing("modules/accounts/unheard-of/a.ts")]).length, 1);
    assert.deepEqual(brokenRanks([importing(from, "../time-ledger/index.ts", "./b.ts", "../../foundation/keys/index.ts")]), []);
  });

  it("find an arrow that nothing takes, and a room that is not there", () => {
    const ghosts = ghostEntries([importing("kernel/a.ts", "@gatehouse-aaa/contract")], { kernel: ["contract", "storage"], attic: [] });
    for (const ghost of ["kernel -> storage", "attic", "modules/accounts/users"]) assert.ok(ghosts.includes(ghost), ghost);
    assert.ok(!ghosts.includes("kernel -> contract"));
  });

  it("find a circle", () => {
    const circle = [importing("kernel/a.ts", "./b.ts"), importing("kernel/b.ts", "./c.ts"), importing("kernel/c.ts", "./a.ts")];
    assert.equal(cycles(circle).length, 1);
    assert.deepEqual(cycles(circle.slice(0, 2)), []);
  });
});
