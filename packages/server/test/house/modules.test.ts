import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { modules } from "../../src/composition/modules.ts";
import type { Module } from "../../src/modules/manifest.ts";

const folder = join(import.meta.dirname, "../../src/modules");
const declared: readonly Module[] = modules;

/** The folders of modules that have something to declare. */
const declaring = readdirSync(folder, { withFileTypes: true })
  .filter((rank) => rank.isDirectory())
  .flatMap((rank) => readdirSync(join(folder, rank.name)).map((name) => `${rank.name}/${name}`))
  .filter(
    (name) => existsSync(join(folder, name, "module.ts")) || readdirSync(join(folder, name)).some((file) => file.endsWith(".store.ts")),
  );

const twice = (names: readonly string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index);

describe("the list of modules", () => {
  it("holds every module that has stores or declares something, under the name of its folder", () => {
    assert.ok(declaring.length > 10);
    assert.deepEqual(declared.map(({ name }) => name).toSorted(), declaring.toSorted());
  });

  it("names nothing twice: the second would replace the first in silence", () => {
    const stores = declared.flatMap(({ stores }) => Object.keys(stores ?? {}));
    assert.ok(stores.length > 20);
    assert.deepEqual(twice(stores), []);
    for (const kind of ["nouns", "signals"] as const) assert.deepEqual(twice(declared.flatMap((module) => module[kind] ?? [])), [], kind);
    for (const kind of ["refusals", "counts"] as const) {
      assert.deepEqual(twice(declared.flatMap((module) => Object.keys(module[kind] ?? {}))), [], kind);
    }
  });
});
