import assert from "node:assert/strict";
import { it } from "node:test";
import { generateToken, hashToken, looksGenerated } from "../../src/modules/foundation/api-tokens/token-format.ts";

it("gives tokens with the prefix, 46 letters and digits, and no two alike", () => {
  const tokens = Array.from({ length: 500 }, generateToken);
  for (const token of tokens) {
    assert.match(token, /^gate_[0-9A-Za-z]{46}$/);
    assert.ok(looksGenerated(token));
  }
  assert.equal(new Set(tokens).size, tokens.length);
});

it("tells a mistyped token by its checksum, wherever the mistake is", () => {
  const token = generateToken();
  for (let index = 0; index < token.length; index += 1) {
    const typed = token[index] === "x" ? "y" : "x";
    assert.equal(looksGenerated(token.slice(0, index) + typed + token.slice(index + 1)), false, `at ${index}`);
  }
  assert.equal(looksGenerated(token.slice(0, -1)), false);
  assert.equal(looksGenerated(`${token}x`), false);
  assert.equal(looksGenerated(token.replace("gate_", "hate_")), false);
});

it("keeps of a token its SHA-256 alone", () => {
  assert.equal(hashToken("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
});
