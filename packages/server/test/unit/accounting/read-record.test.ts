import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAccountingRecord } from "../../../src/aaa/accounting/read-record.ts";
import type { SessionRecord } from "../../../src/aaa/words/accounting-record.ts";

const arrivalMs = 1_700_000_000_000;
const minute = 60_000;
const day = 24 * 60 * minute;

const read = (values: Readonly<Record<string, string | readonly string[]>>) => {
  const attributes = { "Acct-Status-Type": "Interim-Update", "Acct-Session-Id": "abc", ...values };
  return readAccountingRecord(Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, [value].flat()])), arrivalMs);
};
const readSession = (values: Readonly<Record<string, string | readonly string[]>>): SessionRecord => {
  const record = read(values);
  assert.ok(record.about === "session");
  return record;
};

describe("the record of an Accounting-Request", () => {
  it("is of a session, of its client, or of nothing", () => {
    for (const [statusType, status] of [
      ["Start", "start"],
      ["Interim-Update", "interim"],
      ["Alive", "interim"],
      ["Stop", "stop"],
    ] as const) {
      assert.equal(readSession({ "Acct-Status-Type": statusType }).status, status);
    }
    for (const statusType of ["Accounting-On", "Accounting-Off"]) {
      assert.deepEqual(read({ "Acct-Status-Type": statusType }), { about: "client", eventMs: arrivalMs });
    }
    for (const other of [{ "Acct-Status-Type": "Tunnel-Start" }, { "Acct-Status-Type": [] }, { "Acct-Session-Id": "" }]) {
      assert.deepEqual(read(other), { about: "nothing" });
    }
  });

  it("says that its event happened when the packet says, if that can be, else when it was first sent", () => {
    const at = (timestampMs: number | undefined, delay?: string) =>
      readSession({
        ...(timestampMs === undefined ? {} : { "Event-Timestamp": new Date(timestampMs).toISOString() }),
        ...(delay === undefined ? {} : { "Acct-Delay-Time": delay }),
      }).eventMs;
    assert.equal(at(arrivalMs - minute, "30"), arrivalMs - minute);
    for (const sane of [arrivalMs + 5 * minute, arrivalMs - 7 * day]) assert.equal(at(sane), sane);
    for (const insane of [arrivalMs + 5 * minute + 1_000, arrivalMs - 7 * day - 1_000, 0, undefined]) {
      assert.equal(at(insane), arrivalMs);
      assert.equal(at(insane, "30"), arrivalMs - 30_000);
    }
  });

  it("has a delay that is never negative nor longer than a week", () => {
    const sent = (delay: string) => readSession({ "Acct-Delay-Time": delay }).sentAtMs;
    assert.deepEqual([sent("-5"), sent(String(2 ** 32 - 1))], [arrivalMs, arrivalMs - 7 * day]);
  });

  it("takes times in every way that servers write them", () => {
    for (const text of ["1699999940", "2023-11-14T22:12:20Z", "Nov 14 2023 22:12:20 UTC"]) {
      assert.equal(readSession({ "Event-Timestamp": text }).eventMs, arrivalMs - minute, text);
    }
    for (const text of ["yesterday", ""]) assert.equal(readSession({ "Event-Timestamp": text }).eventMs, arrivalMs, text);
  });

  it("counts no number that its attribute cannot hold, and names it", () => {
    const record = readSession({ "Acct-Session-Time": "4294967296", "Acct-Input-Octets": "-1", "Acct-Output-Octets": "7" });
    assert.deepEqual([record.sessionSeconds, record.inputOctets, record.outputOctets], [undefined, undefined, 7]);
    assert.deepEqual(record.unfitNumbers, ["Acct-Session-Time", "Acct-Input-Octets"]);
    assert.equal(readSession({ "Acct-Session-Time": "4294967295" }).sessionSeconds, 2 ** 32 - 1);
  });

  it("counts octets in 64 bits, and none without the lower 32", () => {
    const record = readSession({ "Acct-Input-Octets": "5", "Acct-Input-Gigawords": "2", "Acct-Output-Gigawords": "2" });
    assert.deepEqual([record.inputOctets, record.outputOctets], [2 * 2 ** 32 + 5, undefined]);
  });

  it("holds texts as columns take them, the device in one spelling, and User-Name as it was sent", () => {
    const record = readSession({
      "User-Name": "a\u0000b",
      "Calling-Station-Id": "AA-BB-CC-DD-EE-01",
      Class: ["0x6768", "x"],
      "NAS-Port": "7",
    });
    assert.deepEqual([record.userName, record.description.username], ["a\u0000b", "a\uFFFDb"]);
    assert.deepEqual([record.station, record.description.callingStationId], ["aabbccddee01", "AA-BB-CC-DD-EE-01"]);
    assert.deepEqual([record.classes, record.description.class], [["gh", "x"], "gh"]);
    assert.deepEqual([record.description.nasPortId, record.description.realm], ["7", null]);
    assert.equal(readSession({ "NAS-Port": "port 7" }).description.nasPortId, null);
  });

  it("has Connect-Info of the beginning or of the end, and a cause of the end with the end alone", () => {
    const values = { "Connect-Info": "54 Mbps", "Acct-Terminate-Cause": "User-Request" };
    const ofEnd = readSession({ ...values, "Acct-Status-Type": "Stop" });
    assert.deepEqual(
      [ofEnd.terminateCause, ofEnd.description.connectInfoStart, ofEnd.description.connectInfoStop],
      ["User-Request", null, "54 Mbps"],
    );
    const before = readSession(values);
    assert.deepEqual(
      [before.terminateCause, before.description.connectInfoStart, before.description.connectInfoStop],
      [null, "54 Mbps", null],
    );
  });
});
