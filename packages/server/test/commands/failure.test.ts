import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explainFailure } from "../../src/commands/failure.ts";

describe("what a person reads of a failed command", () => {
  it("names the address that a kernel without IPv6 cannot listen on", () => {
    // As such a kernel says it.
    const error = Object.assign(new Error("listen EAFNOSUPPORT: address family not supported ::"), {
      code: "EAFNOSUPPORT",
      syscall: "listen",
      address: "::",
    });
    assert.match(explainFailure(error), /^gatehouse: GATEHOUSE_HOST names ::, and the kernel of this machine has no IPv6\. Take [^\n]+$/);
  });

  it("has the stack of what nobody expects", () => {
    assert.match(explainFailure(new Error("surprise")), /^gatehouse: unexpected failure\nError: surprise\n\s+at /);
  });
});
