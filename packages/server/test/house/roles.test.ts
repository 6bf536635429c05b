import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unexcused } from "./exceptions.ts";
import { queryExceptions, strayQueries } from "./query-rules.ts";
import { againstRole, roleExceptions, rolesWithoutFile } from "./role-rules.ts";
import { serverSources, source } from "./source-tree.ts";

const sources = serverSources();

describe("the roles of files", () => {
  it("decide what a file imports", () => assert.deepEqual(unexcused(againstRole(sources), roleExceptions), []));
  it("are all taken", () => assert.deepEqual(rolesWithoutFile(sources), []));
  it("keep queries in stores and storage", () => assert.deepEqual(unexcused(strayQueries(sources), queryExceptions), []));
});

const users = "packages/server/src/modules/accounts/users";
const faultsOf = (name: string, ...statements: string[]) => againstRole([source(`${users}/${name}`, statements.join("\n"))]);
const importing = (from: string) => `import { x } from "${from}";`;

describe("the checks of roles", () => {
  it("refuse what a role must not know", () => {
    for (const [name, from] of [
      ["user.store.ts", "../../../http/page.ts"],
      ["user.store.ts", "./user.view.ts"],
      ["user.filters.ts", "../../../http/values.ts"],
      ["user.routes.ts", "../../../storage/database.ts"],
      ["user.routes.ts", "kysely"],
      ["user.rules.ts", "./user.store.ts"],
      ["user.rules.ts", "./user.checks.ts"],
      ["user.rules.ts", "../../../storage/database.ts"],
      ["user.rules.ts", "../../../kernel/clock.ts"],
      ["user.rules.ts", "node:fs"],
      ["user.checks.ts", "./user.service.ts"],
      ["user.checks.ts", "../../../storage/database.ts"],
      ["user.view.ts", "./user.store.ts"],
      ["user.view.ts", "../../../storage/tables.ts"],
      ["user.service.ts", "../../../http/page.ts"],
      ["user.handler.ts", "../../../http/page.ts"],
      ["user.jobs.ts", "../../../http/page.ts"],
    ] as const) {
      assert.equal(faultsOf(name, importing(from)).length, 1, `${name} imports ${from}`);
    }
  });

  it("refuse another module's store in routes, and take its other names", () => {
    const from = 'from "../time-ledger/index.ts";';
    for (const names of ["type TimeLedgerStore", "LedgerEntry, type TimeLedgerStore", "timeLedgerStore as open", "DeviceStores"])
      assert.equal(faultsOf("user.routes.ts", `import { ${names} } ${from}`).length, 1, names);
    assert.equal(faultsOf("user.routes.ts", `import type {\n  TimeLedgerStore,\n} ${from}`).length, 1);
    assert.deepEqual(faultsOf("user.routes.ts", `import { type LedgerEntry, restore } ${from}`, importing("./user.store.ts")), []);
    assert.deepEqual(faultsOf("user.service.ts", `import type { TimeLedgerStore } ${from}`), []);
  });

  it("take what each role is for", () => {
    for (const [name, from] of [
      ["user.store.ts", "../../../storage/database.ts"],
      ["user.routes.ts", "../../../http/page.ts"],
      ["user.rules.ts", "../../../kernel/errors.ts"],
      ["user.rules.ts", "node:crypto"],
      ["user.checks.ts", "./user.store.ts"],
      ["user.view.ts", "../../../http/values.ts"],
      ["user.service.ts", "./user.store.ts"],
      ["user.ts", "../../../http/page.ts"],
    ] as const) {
      assert.deepEqual(faultsOf(name, importing(from)), [], `${name} imports ${from}`);
    }
  });

  it("find a role that no file has", () => assert.ok(rolesWithoutFile([source(`${users}/user.store.ts`, "")]).includes("routes")));

  it("refuse a query outside of a store", () => {
    const query = 'handle.selectFrom("user_account")';
    const stray = (place: string, text: string) => strayQueries([source(`packages/server/src/${place}`, text)]).length;
    for (const place of ["composition/app.ts", "http/a.ts", "modules/accounts/users/user.service.ts", "modules/accounts/users/user.ts"])
      for (const text of [query, "sql`select 1`", "sql<number>`select 1`", 'db.insertInto("a")', 'tx\n  .updateTable("a")'])
        assert.equal(stray(place, text), 1, `${place}: ${text}`);
    for (const place of ["storage/lease.ts", "modules/accounts/users/user.store.ts", "modules/accounts/users/user.filters.ts"])
      assert.equal(stray(place, query), 0, place);
    assert.equal(stray("http/a.ts", `// ${query}`), 0);
  });

  it("refuse an exception that covers nothing", () => {
    const fault = { key: "a", sentence: "a is wrong" };
    assert.deepEqual(unexcused([fault], {}), ["a is wrong"]);
    assert.deepEqual(unexcused([fault], { a: "for a reason" }), []);
    assert.equal(unexcused([fault], { a: "for a reason", b: "for another" }).length, 1);
  });
});
