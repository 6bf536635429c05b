import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { exposition } from "../../../src/metrics/exposition.ts";
import { createLogLines } from "../../../src/metrics/log-lines.ts";
import { createLoopDelay } from "../../../src/metrics/loop-delay.ts";
import { decisionJob } from "../../../src/modules/network/network-access/access-decision.jobs.ts";
import { ask, makeAccount, makeClient, pap, report } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("what operators watch of the network", (open) => {
  let world: World;
  let cafe: Tenant;
  let neighbour: Tenant;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    neighbour = await makeTenant(world, "neighbour", { own_usernames: true });
  });
  after(() => world.close());

  const scrape = async (): Promise<string> => (await world.get("/metrics")).body;
  const figure = (text: string, line: string) => {
    const found = text.split("\n").find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };

  it("logins by client, source, outcome and reason", async () => {
    const client = await makeClient(world, cafe.id);
    await makeAccount(world, { username: "guest", organization: cafe.id });
    await ask(world, client, { userName: "guest" });
    await ask(world, client, { userName: "guest", credential: pap("wrong") });
    await ask(world, client, { userName: "stranger" });
    const list = {
      "Packet-Src-IP-Address": { value: client.address },
      "User-Name": { value: "guest" },
      "User-Password": { value: "secret" },
    };
    assert.equal((await world.post("/radius/authorize/", list, { token: cafe.token })).status, 200);
    const text = await scrape();
    const of = (source: string, outcome: string, reason: string) =>
      figure(text, `gatehouse_access_decisions_total{client="${client.id}",source="${source}",outcome="${outcome}",reason="${reason}"}`);
    const found = [of("radius", "accept", ""), of("radius", "reject", "wrong_credential"), of("radius", "reject", "unknown_user")];
    assert.deepEqual([...found, of("freeradius", "accept", "")], [1, 1, 1, 1]);
  });

  it("live sessions, and clients that are silent", async () => {
    const [silent, heard] = [await makeClient(world, cafe.id), await makeClient(world, neighbour.id)];
    const was = figure(await scrape(), "gatehouse_sessions_live")!;
    await report(world, heard, "Start", { id: "one" });
    await report(world, heard, "Start", { id: "two" });
    await report(world, heard, "Stop", { id: "two", seconds: 1 });
    await world.app.flush();
    const text = await scrape();
    assert.equal(figure(text, "gatehouse_sessions_live"), was + 1);
    const last = (client: typeof heard) =>
      figure(text, `gatehouse_aaa_client_last_heard_seconds{client="${client.id}",name="${client.shortName}"}`);
    assert.equal(last(silent), 0);
    assert.ok(Math.abs(last(heard)! - Date.now() / 1000) < 300);
    assert.ok(figure(text, 'gatehouse_aaa_clients{state="heard"}')! >= 1);
    assert.ok(figure(text, 'gatehouse_aaa_clients{state="silent"}')! >= 1);
  });

  it("what is true of the installation counts once, however many processes tell of it", async () => {
    const report = await world.app.figures();
    const [one, two] = [await exposition([report]), await exposition([report, report])];
    for (const name of ["gatehouse_sessions_live", 'gatehouse_aaa_clients{state="heard"}', 'gatehouse_aaa_clients{state="silent"}']) {
      assert.equal(figure(two, name), figure(one, name), name);
    }
    assert.ok(figure(one, "gatehouse_sessions_live")! > 0);
    assert.equal(figure(two, "gatehouse_processes"), 2);
    const decisions = one.split("\n").filter((line) => line.startsWith("gatehouse_access_decisions_total{"));
    assert.ok(decisions.length > 0);
    for (const line of decisions) {
      const [name] = line.split(" ") as [string];
      assert.equal(figure(two, name), 2 * figure(one, name)!, name);
    }
  });

  it("all that deploy/prometheus names is there", async () => {
    const text = await scrape();
    const shown = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!));
    // The log stands around the app, in its process.
    for (const { name } of createLogLines().collect()) shown.add(name);
    for (const file of ["gatehouse-alerts.yml", "grafana-dashboard.json", "README.md"]) {
      const written = await readFile(new URL(`../../../../../deploy/prometheus/${file}`, import.meta.url), "utf8");
      const names = new Set([...written.matchAll(/\b(?:gatehouse|process|nodejs)_[a-z_]+/g)].map((match) => match[0]));
      assert.ok(names.size > 5, file);
      for (const name of names) assert.ok(shown.has(name) || shown.has(name.replace(/_(?:bucket|sum|count)$/, "")), `${name} of ${file}`);
    }
  });

  it("old decisions are removed a few at a time, and none that is young enough, of any tenant", async () => {
    const nowMs = Date.now();
    const dayMs = 24 * 60 * 60_000;
    const nothing = { client_id: null, user_id: null, username: null, calling_station: null, reason: null, session_timeout: null };
    for (const [tenant, first] of [
      [cafe, 1_000_000],
      [neighbour, 1_002_000],
    ] as const) {
      const rows = Array.from({ length: 1_100 }, (_, index) => ({
        ...nothing,
        name_space_id: tenant.namespaceId,
        id: first + index,
        organization_id: tenant.id,
        created_at: nowMs - (index < 1_050 ? 31 : 29) * dayMs,
        source: "radius" as const,
        outcome: "reject" as const,
        trace: "[]",
        reply: "[]",
      }));
      await tenant.write((tx) => tx.accessDecisions.insert(rows));
    }
    const left = async (tenant: Tenant) =>
      (await tenant.stores.accessDecisions.list({ untilMs: nowMs - dayMs }, { limit: 1, start: { offset: 0 }, exactCount: true })).count;
    assert.deepEqual([await left(cafe), await left(neighbour)], [1_100, 1_100]);
    const jobOf = (keptDays: number) => decisionJob({ work: world.app.work, clock: { nowMs: () => nowMs }, keptDays });
    await jobOf(0).run(() => true);
    assert.deepEqual([await left(cafe), await left(neighbour)], [1_100, 1_100], "0 keeps all");
    let steps = 0;
    await jobOf(30).run(() => steps++ < 1);
    assert.ok((await left(cafe)) > 50, "it ends between two steps when it may not go on");
    await jobOf(30).run(() => true);
    assert.deepEqual([await left(cafe), await left(neighbour)], [50, 50]);
  });
});

describe("the delay of the event loop", () => {
  it("does not count that nothing was asked", async () => {
    const delay = createLoopDelay({ sleepsAfterMs: 40 });
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    try {
      delay.noteActivity();
      await pause(200);
      delay.collect();
      await pause(3_000);
      delay.noteActivity();
      await pause(30);
      const longest = delay.collect()[0]!.values.find(({ labels }) => labels["quantile"] === "1")!.value;
      assert.ok(longest < 2, `${longest} s`);
    } finally {
      delay.close();
    }
  });
});
