import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createRequestDurations } from "../../src/metrics/request-durations.ts";
import { commandCaller } from "../../src/startup/first-start.ts";
import { addTenant, giveToken } from "../support/planted-tenants.ts";
import { onEachDatabase, openWorld, type World } from "../support/world.ts";

/** The value of a line of the text format; its labels as they stand. */
const figureIn = (text: string, line: string): number => {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  assert.ok(found, `no line ${line} in\n${text}`);
  return Number(found.slice(line.length + 1));
};

onEachDatabase("the metrics", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const scrape = async (): Promise<string> => {
    const { status, headers, body } = await world.get("/metrics");
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(headers["cache-control"], "no-store");
    return body as string;
  };

  it("count requests by operation and class of status", async () => {
    for (let index = 0; index < 3; index += 1) assert.equal((await world.get("/user_token/1/")).status, 200);
    assert.equal((await world.get("/user_token/999999/")).status, 404);
    assert.equal((await world.get("/nowhere/")).status, 404);
    const text = await scrape();
    const count = "gatehouse_http_request_duration_seconds_count";
    assert.equal(figureIn(text, `${count}{operation="user_token_read",status="2xx"}`), 3);
    assert.equal(figureIn(text, `${count}{operation="user_token_read",status="4xx"}`), 1);
    assert.equal(figureIn(text, `${count}{operation="none",status="4xx"}`), 1);
    assert.ok(!text.includes('operation="user_token_delete"'), "what never happened has no lines");
    const buckets = [
      ...text.matchAll(/^gatehouse_http_request_duration_seconds_bucket\{le="([^"]+)",operation="user_token_read",status="2xx"\} (\d+)$/gm),
    ].map((match) => Number(match[2]));
    assert.equal(buckets.at(-1), 3);
    assert.deepEqual(
      buckets,
      buckets.toSorted((a, b) => a - b),
    );
  });

  it("show units, flushes, lookups of tokens, CPU, memory and the delay of the event loop", async () => {
    const was = await scrape();
    for (let index = 0; index < 4; index += 1) {
      assert.equal((await world.post("/user_token/1/top_up/", { seconds: 1 })).status, 200);
    }
    const is = await scrape();
    const grew = (line: string) => figureIn(is, line) - figureIn(was, line);
    assert.equal(grew("gatehouse_database_units_total"), 4);
    assert.ok(grew("gatehouse_database_flushes_total") >= 1 && grew("gatehouse_database_flushes_total") <= 4);
    assert.ok(grew('gatehouse_token_lookups_total{from="memory"}') + grew('gatehouse_token_lookups_total{from="database"}') >= 4);
    assert.ok(figureIn(is, "process_resident_memory_bytes") > 10_000_000);
    assert.ok(grew("process_cpu_seconds_total") > 0);
    assert.equal(figureIn(is, 'gatehouse_database_waiting{kind="unit"}'), 0);
    assert.equal(figureIn(is, "gatehouse_processes"), 1);
    const p99 = figureIn(is, 'gatehouse_event_loop_delay_seconds{quantile="0.99"}');
    assert.ok(p99 <= figureIn(is, 'gatehouse_event_loop_delay_seconds{quantile="1"}') && p99 >= 0);
  });

  it("tell a held event loop, once", async () => {
    const longest = async () => figureIn(await scrape(), 'gatehouse_event_loop_delay_seconds{quantile="1"}');
    await world.get("/user_token/1/");
    // The sampler's timer must run once to know from when the loop is late.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const until = performance.now() + 200;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const first = await longest();
    assert.ok(first >= 0.15);
    assert.ok((await longest()) < first, "each scrape begins a new period");
  });

  it("are for tokens of the root organization with metrics:read alone", async () => {
    const tenant = await addTenant(world, "metered");
    const mayRead = await world.app.services.apiTokens.tokens.create(commandCaller("test"), "test", {
      name: "scraper",
      scopes: ["metrics:read"],
    });
    assert.equal((await world.get("/metrics", { token: mayRead.secret })).status, 200);
    assert.equal((await world.get("/user/", { token: mayRead.secret })).status, 403, "and for nothing else");
    assert.equal((await world.get("/metrics", { token: tenant.token })).status, 403);
    assert.equal((await world.get("/metrics", { token: await giveToken(world, { scopes: ["user:read"] }) })).status, 403);
    assert.equal((await world.get("/metrics", { token: null })).status, 401);
    assert.equal((await world.get("/metrics", { token: "unknown" })).status, 401);
  });
});

describe("the setting GATEHOUSE_METRICS", () => {
  const asked = async (setting: string, remoteAddress: string, headers: Record<string, string> = {}) => {
    const world = await openWorld("sqlite", { environment: { GATEHOUSE_METRICS: setting } });
    try {
      const { statusCode } = await world.app.http.inject({ url: "/metrics", remoteAddress, headers });
      return statusCode;
    } finally {
      await world.close();
    }
  };

  it("loopback lets this machine in without a token, and nobody who only says so", async () => {
    assert.equal(await asked("loopback", "127.0.0.1"), 200);
    assert.equal(await asked("loopback", "::1"), 200);
    assert.equal(await asked("loopback", "192.0.2.7"), 401);
    assert.equal(
      await asked("loopback", "192.0.2.7", { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1", host: "localhost" }),
      401,
    );
  });

  it("token asks everyone, and off has no such page", async () => {
    assert.equal(await asked("token", "127.0.0.1"), 401);
    assert.equal(await asked("off", "127.0.0.1"), 404);
  });
});

it("a duration counts in the first bucket that it fits, and an unknown operation as none", () => {
  const durations = createRequestDurations(["user_read"]);
  durations.observe("user_read", 200, 0.5);
  durations.observe("user_read", 200, 0.6);
  durations.observe("unheard_of", 503, 60_000);
  const [family] = durations.collect();
  const of = (operation: string, le: string) =>
    family!.values.find(({ labels }) => labels["operation"] === operation && labels["le"] === le)?.value;
  assert.deepEqual([of("user_read", "0.0005"), of("user_read", "0.001"), of("user_read", "+Inf")], [1, 2, 2]);
  assert.deepEqual([of("none", "10"), of("none", "+Inf")], [0, 1]);
});
