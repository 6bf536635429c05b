import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pino } from "pino";
import type { App } from "../../../src/composition/app.ts";
import { eventually } from "../../support/eventually.ts";
import { shows } from "../../support/expect.ts";
import { openReadingWorker, writerSocketOf } from "../../support/reading-worker.ts";
import { grantAddresses, makeTenant, type Tenant } from "../../support/tenants.ts";
import { openWorld, type World } from "../../support/world.ts";

/** With workers each process hears packets, so that each looks names up for itself; the writing one may know them already. */
describe("the DNS names of AAA clients, in a worker that reads", () => {
  let world: World;
  let worker: App;
  let mine: Tenant;
  let other: Tenant;
  const records = new Map<string, readonly string[]>();
  const lookup = {
    resolve: async (name: string, family: 4 | 6) => (family === 4 ? (records.get(name) ?? []) : []),
    close() {},
  };
  before(async () => {
    world = await openWorld("sqlite", { lookup: { resolve: async () => [], close() {} } });
    await world.app.writeReceiver.listen(writerSocketOf(world.config));
    worker = await openReadingWorker(world.config, pino({ level: "silent" }), { lookup });
    mine = await makeTenant(world, "mine", { own_usernames: true });
    other = await makeTenant(world, "other", { own_usernames: true });
    await grantAddresses(world, mine.id, "10.1.0.0/16");
    await grantAddresses(world, other.id, "10.2.0.0/16");
  });
  after(async () => {
    await worker.close();
    await world.close();
  });

  const make = async (tenant: Tenant, name: string): Promise<number> => {
    const body = { short_name: name.split(".")[0], address: `10.${tenant === mine ? 1 : 2}.0.1`, secret: "a secret of many characters" };
    const made = await world.post("/aaa_client/", { ...body, more_addresses: [name] }, { token: tenant.token });
    shows(made, 201);
    await worker.services.aaaClients.table.reload();
    return made.body.id;
  };
  const servedBy = (app: App, address: string) => app.services.aaaClients.table.find(address)?.id;

  it("give their client addresses inside of its grants, and no neighbour's, by what this process was told", async () => {
    records.set("ap.example.net", ["10.1.5.1", "10.2.5.1"]);
    records.set("other.example.net", ["10.1.5.1", "10.2.6.1"]);
    const [own, theirs] = [await make(mine, "ap.example.net"), await make(other, "other.example.net")];
    await worker.services.aaaClients.names.refresh();
    assert.deepEqual(
      ["10.1.5.1", "10.2.6.1", "10.2.5.1"].map((address) => servedBy(worker, address)),
      [own, theirs, undefined],
    );
    assert.equal(servedBy(world.app, "10.1.5.1"), undefined, "the process that writes was told of none");
  });

  it("move with what DNS says, by the worker's own job", async () => {
    records.set("ap.example.net", ["10.1.5.2"]);
    const job = worker.jobs.find(({ name }) => name.includes("DNS names"))!;
    assert.equal(job.runs, "in_each_process");
    await job.run(() => true);
    await eventually("the new address is served", () => servedBy(worker, "10.1.5.2") !== undefined);
    assert.equal(servedBy(worker, "10.1.5.1"), undefined);
  });
});
