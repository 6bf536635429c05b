import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { countUsers, organizations, plannedOrganization, plannedUser, usernameOf } from "./data-set.ts";
import { parseDelay } from "./event-loop.ts";
import { operations } from "./operations.ts";
import { parsePsTime, parseStat, readTree } from "./process-tree.ts";
import { randomFrom } from "./random.ts";
import type { Figures } from "./results.ts";
import { median, slopeOf } from "./statistics.ts";
import { summarize } from "./summary.ts";

const figures = (cpuSeconds: number, seconds = 1, databaseCpuSeconds = 0): Figures => ({
  requests: 100,
  seconds,
  p50Ms: 1,
  p99Ms: 2,
  applicationCpuSeconds: cpuSeconds,
  databaseCpuSeconds,
  clientCpuSeconds: 0.5,
});

describe("figures", () => {
  it("have a middle and a slope", () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([]), undefined);
    assert.equal(
      slopeOf([
        [0, 10],
        [1, 12],
        [2, 14],
      ]),
      2,
    );
    assert.equal(slopeOf([[1, 5]]), 0);
  });

  it("are compared round by round, the database's CPU time with the application's", () => {
    const summary = summarize([
      { bare: figures(1), ours: figures(1, 2, 1) },
      { bare: figures(10), ours: figures(20, 1, 20) },
      { bare: figures(2), ours: figures(2, 4, 0) },
    ]);
    assert.deepEqual(summary.cpuRatio, { median: 0.5, least: 0.25, most: 1 });
    assert.deepEqual(summary.requestsRatio, { median: 0.5, least: 0.25, most: 1 });
    assert.equal(summary.databaseCpu, 10);
  });

  it("come from the event loop's gauges, and from nothing else", () => {
    const page = [
      "# TYPE gatehouse_event_loop_delay_seconds gauge",
      'gatehouse_event_loop_delay_seconds{quantile="0.5"} 0.0001',
      'gatehouse_event_loop_delay_seconds{quantile="0.99"} 0.0021',
      'gatehouse_event_loop_delay_seconds{quantile="1"} 4e-3',
    ].join("\n");
    assert.deepEqual(parseDelay(page), { p99: 0.0021, most: 0.004 });
    assert.equal(parseDelay("nodejs_eventloop_lag_seconds 0.001\n"), undefined);
  });
});

describe("CPU time", () => {
  it("is read from a line of /proc whatever the program is called, and from ps", () => {
    const line = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 11 0 12345 1000000 256 1844";
    assert.deepEqual(parseStat(line, 100, 4096), {
      pid: 42,
      parent: 7,
      cpuSeconds: 2,
      endedChildrenCpuSeconds: 0.5,
      residentBytes: 1_048_576,
    });
    assert.equal(parsePsTime("1-02:03:04"), 93_784);
    assert.equal(parsePsTime("3:04.50"), 184.5);
  });

  const skip = existsSync("/proc/self/stat") ? false : "ps tells nothing of processes that have ended";
  it("counts children that have ended", { skip }, async () => {
    const before = readTree(process.pid).cpuSeconds;
    const busy = "const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);";
    const child = spawn(process.execPath, ["-e", busy], { stdio: "ignore" });
    await new Promise((resolve) => child.once("exit", resolve));
    const used = readTree(process.pid).cpuSeconds - before;
    assert.ok(used >= 0.25, `${used} s`);
  });
});

describe("the data set", () => {
  it("is a tree of organizations, ten of them with namespaces of their own", () => {
    const planned = Array.from({ length: organizations }, (_, place) => plannedOrganization(place));
    const known = new Map([[1, { id: 1, namespaceId: 1 }]]);
    for (const { id, parentId, namespaceId, ownUsernames } of planned) {
      const parent = known.get(parentId);
      assert.ok(parent, `${id} is made before the one above it`);
      assert.equal(namespaceId, ownUsernames ? id : parent.namespaceId);
      known.set(id, { id, namespaceId });
    }
    assert.equal(planned.filter(({ ownUsernames }) => ownUsernames).length, 10);
    assert.ok(planned.some(({ parentId, ownUsernames }) => parentId !== 1 && !ownUsernames));
  });

  it("is the same every time, and no two usernames are alike", () => {
    assert.deepEqual(plannedUser(123_456), plannedUser(123_456));
    assert.equal(plannedUser(123_456).username, usernameOf(123_456));
    assert.equal(new Set(Array.from({ length: 20_000 }, (_, number) => usernameOf(number))).size, 20_000);
  });

  it("counts without walking through all users", () => {
    for (const users of [2_500, 20_000, 33_333]) {
      const all = Array.from({ length: users }, (_, number) => plannedUser(number));
      for (const fits of [(user: (typeof all)[number]) => user.hasDevice, (user: (typeof all)[number]) => !user.isActive]) {
        assert.equal(countUsers(users, fits), all.filter(fits).length);
      }
    }
  });
});

describe("requests", () => {
  it("are the same in every run", () => {
    const list = (seed: number) => Array.from({ length: 5 }, randomFrom(seed).bind(null, 1_000));
    assert.deepEqual(list(7), list(7));
    assert.notDeepEqual(list(7), list(8));
  });

  it("are told apart by how they begin", () => {
    for (const { id, kinds } of operations) {
      for (const kind of new Set(kinds)) {
        const request = kind.make({ users: 100_000, pick: randomFrom(1), value: randomFrom(2), freshName: () => "fresh" });
        const line = `${request.method} ${request.path}`;
        const fitting = [...new Set(kinds)].filter(({ begins }) => line.startsWith(begins));
        const longest = fitting.sort((one, other) => other.begins.length - one.begins.length)[0];
        assert.equal(longest, kind, `${id}: ${line}`);
      }
    }
  });

  it("of the mix are 80 % reads, 10 % lists and 10 % writes", () => {
    const { kinds } = operations.find(({ id }) => id === "M1")!;
    const counts = Map.groupBy(kinds, ({ begins }) => begins);
    assert.deepEqual([...counts.values()].map((list) => list.length).sort(), [1, 1, 8]);
  });
});
