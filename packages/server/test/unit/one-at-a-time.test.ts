import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createOneAtATime } from "../../src/kernel/one-at-a-time.ts";

describe("what runs one at a time", () => {
  it("waits for what was asked for before it under its key, whatever became of that, and for nothing else", async () => {
    const oneAtATime = createOneAtATime();
    const seen: string[] = [];
    const step =
      (name: string, fails = false) =>
      async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      oneAtATime("a", step("first", true)),
      oneAtATime("a", step("second")),
      oneAtATime("b", step("other")),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value : "failed")),
      ["failed", "second", "other"],
    );
    assert.deepEqual(
      seen.filter((line) => !line.startsWith("other")),
      ["first begins", "first ends", "second begins", "second ends"],
    );
    assert.ok(seen.indexOf("other begins") < seen.indexOf("first ends"));
  });
});
