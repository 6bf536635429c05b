import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logTo } from "../../src/commands/log.ts";

/** A destination that keeps its lines. */
const keeping = () => {
  const lines: Record<string, unknown>[] = [];
  return { lines, write: (line: string) => void lines.push(JSON.parse(line)) };
};

const request = {
  reqId: "k2x-1f",
  operation: "user_read",
  method: "GET",
  path: "/api/v1/user/7/",
  address: "192.0.2.7",
  status: 200,
  durationMs: 0.3,
  actor: 7,
} as const;
const refused = {
  reqId: "k2x-20",
  operation: null,
  method: "POST",
  path: '/"},{"\n\u2028',
  address: "2001:db8::1",
  status: 401,
  durationMs: 12,
  actor: null,
} as const;
const said = { isProbe: false } as const;

describe("the line of an answered request", () => {
  for (const worker of [undefined, 2, "primary"] as const) {
    it(`is what the logger would write of it (${worker === undefined ? "one process" : `worker ${worker}`})`, () => {
      const destination = keeping();
      const log = logTo(destination, "info", worker);
      for (const one of [request, refused]) {
        log.logRequest({ ...one, ...said });
        log.logger.info(one, "request");
      }
      const members = destination.lines.map(({ time, ...others }) => {
        assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 5_000, String(time));
        return JSON.stringify(others);
      });
      assert.equal(members.length, 4);
      assert.equal(members[0], members[1]);
      assert.equal(members[2], members[3]);
    });
  }

  it("waits for others, and a warning waits for nothing", () => {
    let flushes = 0;
    const flush = () => {
      flushes += 1;
    };
    const log = logTo({ write: () => {}, flush }, "info");
    log.logRequest({ ...request, ...said });
    log.logger.info("a note");
    assert.equal(flushes, 0);
    log.logger.warn("a warning");
    assert.equal(flushes, 1);
  });

  it("is counted as a line, and not written where the level leaves it out", () => {
    const infos = (log: ReturnType<typeof logTo>) => log.collect()[0]!.values.find(({ labels }) => labels?.["level"] === "info")!.value;
    const destination = keeping();
    const all = logTo(destination, "info");
    all.logRequest({ ...request, ...said });
    assert.equal(infos(all), 1);
    const few = logTo(destination, "warn");
    few.logRequest({ ...request, ...said });
    assert.equal(infos(few), 0);
    assert.equal(destination.lines.length, 1);
    all.logRequest({ ...request, isProbe: true });
    assert.equal(destination.lines.length, 1, "a probe is a line for debugging");
    logTo(destination, "debug").logRequest({ ...request, isProbe: true });
    assert.equal(destination.lines[1]!["level"], "debug");
  });
});
