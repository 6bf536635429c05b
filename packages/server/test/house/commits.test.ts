import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faultyMessages, hasHistory, messagesSinceTheRule } from "./commit-rules.ts";

describe("the messages of commits", () => {
  const skip = hasHistory() ? false : "there is no .git here, so no history to read";

  it("have subjects of at most 72 characters and a body", { skip }, () => assert.deepEqual(faultyMessages(messagesSinceTheRule()), []));

  it("are refused with a long subject or without a body", () => {
    assert.deepEqual(faultyMessages([{ subject: "x".repeat(72), body: "Why." }]), []);
    assert.equal(faultyMessages([{ subject: "x".repeat(73), body: "Why." }]).length, 1);
    assert.equal(faultyMessages([{ subject: "Say why", body: " \n" }]).length, 1);
  });
});
