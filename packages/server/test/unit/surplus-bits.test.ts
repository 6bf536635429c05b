import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { hash as argon2 } from "@node-rs/argon2";
import { hashSync } from "@node-rs/bcrypt";
import { cryptString } from "../../src/modules/accounts/passwords/crypt-string.ts";
import { classifyPassword } from "../../src/modules/accounts/passwords/index.ts";
import { isMadeOf } from "../../src/modules/accounts/passwords/password-matching.ts";

const password = Buffer.from("s3cret");
const fits = (stored: string, text: Buffer) => isMadeOf(stored, text, async (question, under) => cryptString(question, under));

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const bcrypt = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const crypt = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The text with bits set in the character at `at`. */
const withBits = (text: string, at: number, bits: number, alphabet: string): string => {
  const index = at < 0 ? text.length + at : at;
  return text.slice(0, index) + alphabet[alphabet.indexOf(text[index]!) | bits] + text.slice(index + 1);
};

/** Hashes whose base64 says more than their bytes hold, as some programs write them. */
const odd = async (): Promise<readonly string[]> => {
  const blowfish = hashSync(password, 4);
  const django = `bcrypt_sha256$${hashSync(hash("sha256", password, "hex"), 4)}`;
  const argon = await argon2(password, { memoryCost: 64, timeCost: 1, parallelism: 1, salt: Buffer.from("somesaltsomesalt") });
  const salt = argon.lastIndexOf("$") - 1;
  return [
    withBits(blowfish, 28, 15, bcrypt),
    withBits(blowfish, 59, 3, bcrypt),
    withBits(withBits(blowfish, 28, 5, bcrypt), 59, 2, bcrypt),
    withBits(django, -1, 3, bcrypt),
    withBits(django, -32, 15, bcrypt),
    withBits(argon, salt, 15, base64),
    withBits(argon, -1, 3, base64),
    withBits(cryptString(password, "$1$saltsalt$"), -1, 60, crypt),
    withBits(cryptString(password, "$apr1$saltsalt$"), -1, 4, crypt),
    withBits(cryptString(password, "$5$saltsalt$"), -1, 48, crypt),
    withBits(cryptString(password, "$6$saltsalt$"), -1, 60, crypt),
  ];
};

describe("bits of base64 that belong to no byte", () => {
  it("keep nobody out: a hash that is taken is the one of its password, and of no other", async () => {
    for (const text of await odd()) {
      const read = classifyPassword(text);
      assert.equal(read.kind, "hash", text);
      assert.ok(read.kind === "hash" && (await fits(read.stored, password)), text);
      assert.ok(read.kind === "hash" && !(await fits(read.stored, Buffer.from("s3cres"))), text);
    }
  });

  it("are the only thing that is let pass: what no library reads is refused", () => {
    const argon = (parameters: string, salt: string, tag: string) => `$argon2id$v=19$${parameters}$${salt}$${tag}`;
    const good = ["c29tZXNhbHQ", "A".repeat(43)] as const;
    assert.equal(classifyPassword(argon("m=64,t=1,p=1", ...good)).kind, "hash");
    for (const text of [
      argon("m=064,t=1,p=1", ...good),
      argon("m=64,t=01,p=1", ...good),
      argon("m=64,t=1,p=01", ...good),
      // Thirteen and seventeen characters: no bytes have so many.
      argon("m=64,t=1,p=1", "A".repeat(13), good[1]),
      argon("m=64,t=1,p=1", good[0], "A".repeat(17)),
      argon("m=64,t=1,p=1", good[0], "A".repeat(45)),
    ]) {
      assert.equal(classifyPassword(text).kind, "broken", text);
    }
  });
});
