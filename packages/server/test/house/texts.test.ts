import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { benchSources, contractSources, readTracked, serverSources, source, sourcesBelow, trackedFiles } from "./source-tree.ts";
import { confined, drawers, escaped, longerThanAllowed, longFiles, machinePaths } from "./text-rules.ts";

const sample = (place: string, text: string) => source(`packages/server/src/${place}`, text);

describe("files and what stands in them", () => {
  const shipped = [...serverSources(), ...contractSources()];

  it("none is longer than 300 lines", () => {
    const written = [...shipped, ...sourcesBelow("packages/server/test"), ...benchSources()];
    assert.ok(written.some(({ path }) => path === "bench/run.ts"));
    assert.deepEqual(longerThanAllowed(written), []);
  });
  it("every exemption from the length is still needed", () => {
    const long = new Set(trackedFiles());
    assert.deepEqual(
      Object.keys(longFiles).filter((path) => !long.has(path)),
      [],
    );
  });
  it("none is a drawer", () => {
    const rooms = trackedFiles().filter((path) => path.includes("/"));
    assert.deepEqual(drawers(rooms), []);
  });
  it("the environment, the clock, chance and the databases' names stay in their rooms", () => assert.deepEqual(escaped(shipped), []));
  it("none holds a path of somebody's machine", () => {
    const texts = trackedFiles().filter((path) => /\.(?:ts|mjs|js|json|md|sql|ya?ml|sh)$|^[^.]+$/.test(path));
    assert.deepEqual(machinePaths(texts.map((path) => ({ path, text: readTracked(path) }))), []);
  });
  it("every room of a confined text exists", () => {
    const places = serverSources().map(({ path }) => path.replace("packages/server/src/", ""));
    for (const { where } of confined) {
      for (const allowed of Object.keys(where))
        assert.ok(
          places.some((place) => place.startsWith(allowed)),
          allowed,
        );
    }
  });
});

describe("the checks of files", () => {
  it("refuse 301 lines, and take 300", () => {
    assert.equal(longerThanAllowed([sample("a.ts", "x\n".repeat(301))]).length, 1);
    assert.deepEqual(longerThanAllowed([sample("a.ts", "x\n".repeat(300))]), []);
    assert.deepEqual(longerThanAllowed([sample("a.ts", "x\n".repeat(301))], { "packages/server/src/a.ts": "a table" }), []);
  });

  it("refuse a drawer by any name", () => {
    const bad = ["a/utils/b.ts", "a/string-utils.ts", "a/helpers.ts", "a/common/b.ts", "a/base.store.ts", "a/user-manager.ts", "misc.ts"];
    assert.deepEqual(drawers([...bad, "a/database.ts", "a/baseline.ts", "a/users/index.ts"]), bad);
  });

  it("refuse what is out of its room, and take it in its room and in comments", () => {
    for (const [place, text] of [
      ["http/a.ts", "const port = process.env.PORT;"],
      ["http/a.ts", 'const port = process["env"];'],
      ["modules/accounts/users/a.ts", "const now = Date.now();"],
      ["modules/accounts/users/a.ts", "const now = new Date();"],
      ["kernel/a.ts", "const chance = Math.random();"],
      ["modules/accounts/users/a.ts", 'if (dialect === "sqlite") x();'],
      ["storage/a.ts", "const isPostgres = true;"],
    ] as const) {
      assert.equal(escaped([sample(place, text)]).length, 1, `${place}: ${text}`);
    }
    const fine = [
      sample("kernel/clock.ts", "export const now = Date.now();"),
      sample("storage/dialects/sqlite.ts", "const sqlite = 1;"),
      sample("http/a.ts", "// Date.now() would be wrong here, and so would SQLite\nconst at = new Date(instantMs);"),
    ];
    assert.deepEqual(escaped(fine), []);
  });

  it("refuse a path of somebody's machine", () => {
    const bad = ["", "home", "someone", "project"].join("/");
    assert.deepEqual(
      machinePaths([
        { path: "a.md", text: `see ${bad}` },
        { path: "b.md", text: "see /api/v1/user/" },
      ]),
      ["a.md"],
    );
  });
});
