import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { looksGenerated } from "../../src/modules/foundation/api-tokens/token-format.ts";
import { serveProgram } from "../support/program.ts";
import { freshDatabase, onEachDatabase, type World } from "../support/world.ts";

const program = join(import.meta.dirname, "../../bin/gatehouse.mjs");

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line as a person would, with these settings alone. */
const gatehouse = (environment: Record<string, string>, ...args: string[]): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env["PATH"], ...environment } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });

describe("gatehouse token, while no server runs", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  const run = (...args: string[]) => gatehouse(fresh.environment, "token", ...args);
  before(async () => {
    fresh = await freshDatabase("sqlite", false);
    await (await serveProgram(fresh.environment)).end("SIGTERM");
    assert.equal((await run("revoke", "1")).code, 0);
  });
  after(() => fresh.drop());

  it("makes a token of the root organization and prints it alone on standard output", async () => {
    const made = await run("create", "--name", "Back\u001boffice");
    assert.equal(made.code, 0, made.stderr);
    assert.ok(looksGenerated(made.stdout.trim()), made.stdout);
    assert.match(made.stderr, /of root, with the scopes admin\./);
    assert.match(made.stderr, /shown this once/);
  });

  it("lists tokens without their secrets, and lets no name speak to the terminal", async () => {
    const made = await run(
      "create",
      "--name",
      "Portal",
      "--scope",
      "user:read",
      "user:write",
      "--scope",
      "pii:read",
      "--expires",
      "2124-01-31",
    );
    const { stdout } = await run("list");
    const [head, first, second] = stdout.split("\n");
    assert.match(head!, /^id +name +organization +scopes +created +last used +expires$/);
    assert.match(first!, /^2 +Back\?office +root +admin .* never +never$/);
    assert.match(second!, /^3 +Portal +root +user:read user:write pii:read .* never +2124-01-31T00:00:00Z$/);
    assert.ok(!stdout.includes(made.stdout.trim()));
  });

  it("revokes a token by its id, once", async () => {
    assert.equal((await run("revoke", "3")).stdout, 'Token 3 "Portal" is revoked.\n');
    const again = await run("revoke", "3");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /There is no API token 3, or it is revoked already\. See them all with: gatehouse token list/);
    assert.ok(!(await run("list")).stdout.includes("Portal"));
  });

  it("names what it does not know and says what to do next", async () => {
    const cases: [args: string[], said: RegExp][] = [
      [["create", "--name", "x", "--scope", "usr:read"], /There is no scope "usr:read"\. Did you mean user:read\?/],
      [["create", "--name", "x", "--organization", "nowhere"], /There is no organization "nowhere"\. Give the id or slug/],
      [["create", "--name", "x", "--expires", "soon"], /--expires soon is no time\. Write it as 2030-01-31/],
      [["create", "--name", "x", "--expires", "2020-01-01"], /expires_at: Must be a time to come\./],
      [["create"], /required option '--name <name>'/],
      [["revoke", "x"], /Give the token's id, a number\./],
    ];
    const runs = await Promise.all(cases.map(([args]) => run(...args)));
    for (const [index, [args, said]] of cases.entries()) {
      assert.equal(runs[index]!.code, 1, args.join(" "));
      assert.match(runs[index]!.stderr, said);
      assert.equal(runs[index]!.stdout, "");
    }
  });

  it("shows an example of each command", async () => {
    for (const command of ["create", "list", "revoke"])
      assert.match((await run(command, "--help")).stdout, /Examples:\n {2}\$ gatehouse token /);
  });
});

onEachDatabase("gatehouse token, while a server runs", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());
  const run = (...args: string[]) => {
    const { dataDir, databaseUrl, secretKey } = world.config;
    const settings = {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_SECRET_KEY: secretKey!,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    };
    return gatehouse(settings, "token", ...args);
  };

  it("makes a token that works at once, and revokes it within a second, with the trail of both", async () => {
    const token = (await run("create", "--name", "Engineers", "--organization", "engineering", "--scope", "user:read")).stdout.trim();
    const seen = await world.get("/user/", { token });
    assert.deepEqual([seen.status, seen.body.results[0].username], [200, "john.smith"]);
    const row = (await run("list")).stdout.split("\n").find((line) => line.includes("Engineers"));
    assert.match(row!, /engineering +user:read/);
    const revoked = await run("revoke", row!.split(" ")[0]!);
    assert.equal(revoked.code, 0, revoked.stderr);
    await pause(1_000);
    assert.equal((await world.get("/user/", { token })).status, 401);
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select(["operation", "actor_kind"])
      .where("actor_name", "like", "token %")
      .orderBy("id")
      .execute();
    assert.deepEqual(
      trail.map((entry) => `${entry.actor_kind} ${entry.operation}`),
      ["command token create", "command token revoke"],
    );
  });
});
