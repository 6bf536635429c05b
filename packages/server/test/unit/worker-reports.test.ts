import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addUp, exposition } from "../../src/metrics/exposition.ts";
import { counter, type Family, gauge } from "../../src/metrics/family.ts";
import { createLatencies, histogram } from "../../src/metrics/latencies.ts";
import { createWorkerReports } from "../../src/workers/worker-reports.ts";

const figure = (text: string, line: string): number | undefined => {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
};

const reportOf = (answered: number, live: number, seconds: readonly number[]): readonly Family[] => {
  const latencies = createLatencies();
  for (const one of seconds) latencies.observe(one * 1_000);
  return [
    counter("answered_total", "Requests.", [
      { labels: { door: "api" }, value: answered },
      { labels: { door: "radius" }, value: 1 },
    ]),
    gauge("waiting", "Of each process.", answered),
    gauge("live", "Of the installation.", live, "max"),
    histogram("took_seconds", "How long.", latencies.samples("took_seconds", { door: "api" })),
  ];
};

describe("the metrics of several workers", () => {
  it("add up what each has counted, line by line, and say once what is true of the installation", async () => {
    const text = await exposition([reportOf(3, 7, [0.001, 5]), reportOf(4, 6, [0.001]), reportOf(5, 7, [])]);
    assert.equal(figure(text, 'answered_total{door="api"}'), 12);
    assert.equal(figure(text, 'answered_total{door="radius"}'), 3);
    assert.equal(figure(text, "waiting"), 12);
    assert.equal(figure(text, "live"), 7);
    assert.equal(figure(text, 'took_seconds_count{door="api"}'), 3);
    assert.ok(Math.abs(figure(text, 'took_seconds_sum{door="api"}')! - 5.002) < 0.1);
    assert.equal(figure(text, 'took_seconds_bucket{le="+Inf",door="api"}'), 3);
  });

  it("keep what a dead worker had counted, once, and forget what it held", async () => {
    const families = new Map([
      [1, reportOf(10, 7, [0.001])],
      [2, reportOf(1, 7, [])],
    ]);
    const reports = createWorkerReports({
      ask: (worker, id) => queueMicrotask(() => reports.receive(worker, id, families.get(worker)!)),
      own: () => [],
    });
    assert.equal(figure(await reports.gather([1, 2]), 'answered_total{door="api"}'), 11);
    await reports.retire(1);
    for (const worker of [3, 4]) families.set(worker, reportOf(0, 7, []));
    for (let scrape = 0; scrape < 2; scrape += 1) {
      const text = await reports.gather([2, 3]);
      assert.equal(figure(text, 'answered_total{door="api"}'), 11, "a sum never falls");
      assert.equal(figure(text, 'took_seconds_count{door="api"}'), 1);
      assert.equal(figure(text, "waiting"), 1, "what waited in it waits no more");
    }
    await reports.retire(3);
    assert.equal(figure(await reports.gather([2, 4]), 'answered_total{door="api"}'), 11);
    const twice = await addUp([families.get(1)!, families.get(1)!]);
    assert.equal(figure(await exposition([twice]), 'took_seconds_count{door="api"}'), 2, "and what was added up can be added to");
  });
});
