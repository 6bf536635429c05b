import assert from "node:assert/strict";
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { createSigner } from "../../src/modules/foundation/keys/index.ts";

describe("a signature", () => {
  const key = randomBytes(32);
  const signer = createSigner(key, "a-purpose");

  it("is HMAC-SHA256 (RFC 2104), cut to twelve octets", () => {
    const derived = Buffer.from(hkdfSync("sha256", key, "", "gatehouse/sign/a-purpose", 32));
    for (const text of ["", "gh1.1.2.3.0", "é".repeat(100)]) {
      assert.equal(signer.sign(text), createHmac("sha256", derived).update(text).digest().subarray(0, 12).toString("base64url"));
    }
  });

  it("is good for its text, key and purpose, and nothing else", () => {
    const signature = signer.sign("text");
    assert.ok(signer.isSignedBy("text", signature));
    for (const wrong of ["", signature.slice(1), `${signature}A`, "A".repeat(16), `é${signature.slice(2)}`]) {
      assert.ok(!signer.isSignedBy("text", wrong), wrong);
    }
    assert.ok(!signer.isSignedBy("texts", signature));
    assert.ok(!createSigner(key, "another").isSignedBy("text", signature));
    assert.ok(!createSigner(randomBytes(32), "a-purpose").isSignedBy("text", signature));
  });
});
