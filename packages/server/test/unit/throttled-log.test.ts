import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createThrottledLog, stranger } from "../../src/radius/server/throttled-log.ts";

const openLog = () => {
  const lines: { readonly fields: { unwrittenLines?: number; of?: string }; readonly sentence: string }[] = [];
  const time = { nowMs: 0 };
  const write = (fields: object, sentence: string) => void lines.push({ fields, sentence });
  const log = createThrottledLog({ info: write, warn: write, error: write }, { nowMs: () => time.nowMs });
  return { log, lines, time, of: (payer: string) => lines.filter(({ fields }) => fields.of === payer) };
};

describe("the log of what strangers and tenants cause", () => {
  it("writes a tenant's lines whatever its neighbours and strangers have done to fill theirs", () => {
    const { log, of } = openLog();
    for (const payer of ["flood", stranger]) {
      for (let key = 0; key < 1_000; key += 1) log.warn(payer, `${key}`, { of: payer }, "noise");
    }
    log.warn("quiet", "forged 198.51.100.7", { of: "quiet" }, "a RADIUS packet is not signed with the AAA client's secret");
    assert.deepEqual([of("flood").length, of(stranger).length, of("quiet").length], [20, 20, 1]);
    assert.equal(of("quiet")[0]!.fields.unwrittenLines, undefined, "what others had left out is not told with it");
  });

  it("tells what it left out with the same tenant's next line, however many windows later", () => {
    const { log, of, time } = openLog();
    for (let key = 0; key < 25; key += 1) log.warn("flood", `${key}`, { of: "flood" }, "noise");
    time.nowMs += 60_000;
    log.warn("quiet", "key", { of: "quiet" }, "another");
    time.nowMs += 60_000;
    log.warn("flood", "key", { of: "flood" }, "noise");
    assert.equal(of("flood").at(-1)!.fields.unwrittenLines, 5);
    assert.equal(of("quiet")[0]!.fields.unwrittenLines, undefined);
  });

  it("keeps a bounded number of tenants apart; beyond, they share the lines of one", () => {
    const { log, lines, time, of } = openLog();
    const noise = () => {
      for (let payer = 0; payer < 5_000; payer += 1) log.warn(`payer-${payer}`, "key", { of: `payer-${payer}` }, "noise");
    };
    noise();
    assert.equal(lines.length, 1_001, "the thousand have a line each, and all others one together");
    time.nowMs += 60_000;
    log.warn("quiet", "key", { of: "quiet" }, "another");
    assert.equal(of("quiet").length, 1);
    noise();
    assert.ok(lines.length <= 2_003);
  });
});
