import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unexcused } from "./exceptions.ts";
import { exportedForNobody, idleExports } from "./index-rules.ts";
import { serverSources, source } from "./source-tree.ts";

const modules = "packages/server/src/modules";

describe("what modules export", () => {
  it("is imported by another module, or by what composes them", () =>
    assert.deepEqual(unexcused(exportedForNobody(serverSources()), idleExports), []));
});

describe("the check of exports", () => {
  const index = source(`${modules}/accounts/users/index.ts`, 'export { a, type B, c as d } from "./user.ts";\n');
  const idle = (...others: [path: string, text: string][]) =>
    exportedForNobody([index, ...others.map(([path, text]) => source(`packages/server/src/${path}`, text))]).map(({ key }) => key);
  const from = 'from "../modules/accounts/users/index.ts";\n';

  it("refuses what nobody imports", () => {
    assert.deepEqual(idle(), ["accounts/users/index.ts#a", "accounts/users/index.ts#B", "accounts/users/index.ts#d"]);
    assert.deepEqual(idle(["composition/app.ts", `import { a, type B } ${from}`]), ["accounts/users/index.ts#d"]);
    assert.deepEqual(idle(["composition/app.ts", `import {\n  a,\n  type B,\n  d as e,\n} ${from}`]), []);
    assert.deepEqual(idle(["modules/network/sessions/a.ts", `import type { a, B, d } from "../../accounts/users/index.ts";`]), []);
  });

  it("does not count the module itself, nor another index", () => {
    assert.equal(idle(["modules/accounts/users/user.routes.ts", 'import { a, B, d } from "./index.ts";']).length, 3);
    assert.equal(idle(["composition/app.ts", 'import { a, B, d } from "../modules/accounts/devices/index.ts";']).length, 3);
  });

  it("refuses an export without names", () => {
    const all = source(`${modules}/accounts/devices/index.ts`, 'export * from "./device.ts";');
    assert.deepEqual(
      exportedForNobody([all]).map(({ key }) => key),
      ["accounts/devices/index.ts#*"],
    );
  });
});
