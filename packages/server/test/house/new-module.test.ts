import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Operation } from "@gatehouse-aaa/contract";
import { sql } from "kysely";
import { pino } from "pino";
import { Type } from "typebox";
import { type App, buildApp } from "../../src/composition/app.ts";
import { readConfig } from "../../src/config/settings.ts";
import { bind } from "../../src/http/route.ts";
import { systemCaller } from "../../src/kernel/caller.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { invalidField } from "../../src/kernel/errors.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { OrganizationDirectory } from "../../src/modules/foundation/organizations/index.ts";
import type { House, Module } from "../../src/modules/manifest.ts";
import { openDatabase } from "../../src/startup/installation.ts";
import type { Handle } from "../../src/storage/database.ts";
import { databaseNames, freshDatabase, fullToken } from "../support/world.ts";

/** A resource of one table and two operations, written as `CONTRIBUTING.md` says of a new one. */
interface Note {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly text: string;
}

const noteStore = () => (handle: Handle, scope: TenantScope | null) => ({
  async insert({ id, namespaceId, organizationId, text }: Note): Promise<void> {
    await sql`insert into note (name_space_id, id, organization_id, text) values (${namespaceId}, ${id}, ${organizationId}, ${text})`.execute(
      handle,
    );
  },
  async listTexts(): Promise<string[]> {
    const { rows } = await sql<{ text: string; organization_id: number }>`select text, organization_id from note order by id`.execute(
      handle,
    );
    return rows.filter((row) => scope === null || scope.organizationIds.has(Number(row.organization_id))).map(({ text }) => text);
  },
  async deleteShort(): Promise<void> {
    await sql`delete from note where length(text) < 4`.execute(handle);
  },
});

interface Stores {
  readonly notes: ReturnType<ReturnType<typeof noteStore>>;
}

const shared = { tag: "note", path: "/note/", summary: "", description: "", errors: [], retry: "unsafe" } as const;
const noteCreate = {
  ...shared,
  operationId: "note_create",
  method: "POST",
  scope: "user:write",
  body: Type.Object({ text: Type.String() }, { additionalProperties: false }),
  success: { status: 201, description: "", schema: Type.Object({ text: Type.String() }) },
} as const satisfies Operation;
const noteList = {
  ...shared,
  operationId: "note_list",
  method: "GET",
  scope: "user:read",
  success: { status: 200, description: "", schema: Type.Object({ texts: Type.Array(Type.String()) }) },
} as const satisfies Operation;

let forgotten = 0;

const noteModule = {
  name: "surfaces/notes",
  needs: ["organizations"],
  nouns: ["note"],
  stores: { notes: noteStore },
  refusals: { note__text: () => invalidField("text", "This note is there already.") },
  counts: { note: () => "note" },
  signals: ["note"],
  build(
    { work, ids }: House<Stores, "note">,
    { organizations }: { readonly organizations: { readonly directory: OrganizationDirectory } },
  ) {
    return {
      routes: [
        bind(noteCreate, async (call) => {
          const id = await ids.take("note");
          const place = (await organizations.directory.current()).get(call.caller.scope.organizationId);
          const note = { id, namespaceId: place.namespaceId, organizationId: place.id, text: call.body.text };
          await work.run(call.caller, async (tx) => {
            await tx.notes.insert(note);
            const after = { organization: note.organizationId, text: note.text };
            tx.record({ operation: call.operationId, resource: "note", resourceId: id, ...note, before: null, after });
          });
          return { body: { text: note.text } };
        }),
        bind(noteList, async (call) => ({ body: { texts: await work.for(call.caller.scope).notes.listTexts() } })),
      ],
      jobs: [
        {
          name: "remove short notes",
          runs: "in_one_process",
          everyMs: 1_000_000,
          run: () => work.run(systemCaller("notes"), (tx) => tx.notes.deleteShort()),
        },
      ],
      forgets: {
        note() {
          forgotten += 1;
        },
      },
    } as const;
  },
} as const;

for (const name of databaseNames) {
  describe(`a new module (${name})`, () => {
    let app: App;
    let drop: () => Promise<void>;
    before(async () => {
      const fresh = await freshDatabase(name);
      drop = fresh.drop;
      const config = readConfig(fresh.environment);
      const logger = pino({ level: "silent" });
      const database = await openDatabase(config, logger, "must_exist");
      await database.write(async (handle) => {
        await sql`create table note (name_space_id bigint not null, id bigint not null, organization_id bigint not null, text text not null)`.execute(
          handle,
        );
        await sql`create unique index note__text on note (name_space_id, text)`.execute(handle);
      });
      const secretKey = Buffer.from(config.secretKey!, "base64");
      app = buildApp({ config, database, secretKey, clock: systemClock, logger, moreModules: [noteModule as Module] });
    });
    after(async () => {
      await app.close();
      await drop();
    });

    const request = async (method: "GET" | "POST", payload?: object) => {
      const headers = { authorization: `Bearer ${fullToken}` };
      const answer = await app.http.inject({ method, url: "/api/v1/note/", headers, ...(payload && { payload }) });
      return { status: answer.statusCode, body: answer.json() };
    };

    it("serves its routes, keeps its rows, its log and its counts, and forgets on its signal", async () => {
      for (const text of ["one", "three"]) assert.equal((await request("POST", { text })).status, 201);
      assert.deepEqual(await request("GET"), { status: 200, body: { texts: ["one", "three"] } });
      const { reader } = app.database;
      const { rows: counts } = await sql<{
        total: number;
      }>`select sum(total) as total from kept_count where counted = 'note' and name_space_id = 0`.execute(reader);
      assert.equal(Number(counts[0]!.total), 2);
      const logged = await reader.selectFrom("audit_entry").select("operation").where("resource", "=", "note").execute();
      assert.deepEqual(logged, [{ operation: "note_create" }, { operation: "note_create" }]);
      assert.ok(forgotten >= 2);
    });

    it("refuses in its own words what its unique constraint refuses", async () => {
      const { status, body } = await request("POST", { text: "three" });
      assert.equal(status, 400);
      assert.deepEqual(body.errors, { text: ["This note is there already."] });
    });

    it("has its job run", async () => {
      await app.jobs.find((job) => job.name === "remove short notes")!.run(() => true);
      assert.deepEqual((await request("GET")).body, { texts: ["three"] });
    });
  });
}

it("a module that stands before one that it needs does not start", async () => {
  const { environment, drop } = await freshDatabase("sqlite");
  const config = readConfig(environment);
  const logger = pino({ level: "silent" });
  const database = await openDatabase(config, logger, "must_exist");
  const early: Module = { name: "surfaces/early", needs: ["late"], build: () => ({}) };
  const late: Module = { name: "surfaces/late", build: () => ({ service: {} }) };
  const build = (moreModules: readonly Module[]) =>
    buildApp({ config, database, secretKey: Buffer.alloc(32), clock: systemClock, logger, moreModules });
  assert.throws(() => build([early, late]), /surfaces\/early needs late/);
  await build([late, early]).close();
  await drop();
});
