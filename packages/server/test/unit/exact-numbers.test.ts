import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changedNumbers, withChangedAsStrings } from "../../src/http/exact-numbers.ts";

const pathsOf = (text: string) => Array.from(changedNumbers(text), (number) => number.path());

describe("a number of a JSON text", () => {
  const kept = `0 0.0 -0.1 -0.05 0e999999999999 1 -1 1.0 1e2 1E+2 100e-2 0.1 -1.5 9007199254740991 9007199254740992 9007199254740994
    123456789012345680000 1.7976931348623157e308 5e-324 2.2250738585072014e-308 0.30000000000000004 48.85837009999999
    1000000000000000000000000 0.000000000000000000000000000001 1.50000000000000000000000000`.split(/\s+/);
  const changed = `-0 -0.0 -0e5 -0.000 8944500102198304826 9007199254740993 -9007199254740993 1e400 -1e400 1e-400 0.1000000000000000055
    3600.00000000000000001 123456789012345678901 18446744073709551615 1e99999999999999999999 4e-325 1.7976931348623159e308`.split(/\s+/);

  for (const number of kept) {
    it(`${number} is kept`, () => {
      for (const text of [number, `[${number}]`, `{"n":${number}}`, `{ "n" :\t${number} }`]) assert.deepEqual(pathsOf(text), [], text);
    });
  }
  for (const number of changed) {
    it(`${number} would change`, () => {
      assert.deepEqual(pathsOf(number), [""]);
      assert.deepEqual(pathsOf(`[1,${number}]`), ["1"]);
      assert.deepEqual(pathsOf(`{"a":[],"n":{"m":[0,{},[${number}]]}}`), ["n.m.2.0"]);
      assert.deepEqual(pathsOf(`{\n "n" : ${number}\n}`), ["n"]);
    });
  }

  it("is not looked for in strings and keys, whatever is escaped in them", () => {
    const big = "8944500102198304826";
    for (const text of [`"${big}"`, `"\\"[${big}"`, `"\\\\\\",${big}"`, `{"x ${big}":":${big}"}`])
      assert.deepEqual(pathsOf(text), [], text);
    assert.deepEqual(pathsOf(`{"a\\\\":${big}}`), ["a\\"]);
    assert.deepEqual(pathsOf(`{"\\u00e4\\"":${big},"${big}":[${big}]}`), ['ä"', `${big}.0`]);
  });

  it("becomes its own text where texts are read", () => {
    assert.equal(withChangedAsStrings('{"a":[1,18446744073709551615],"b":"[1e400"}'), '{"a":[1,"18446744073709551615"],"b":"[1e400"}');
    for (const broken of ["[01e400]", "[1e400", '{"a":1.1.1.1.1.1.1.1.1.1}', '"']) {
      assert.throws(() => JSON.parse(withChangedAsStrings(broken)), broken);
    }
  });
});
