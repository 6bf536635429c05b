import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changing, compose, inPieces, insertion, isLarge } from "../../src/storage/dialects/postgres-composed.ts";

const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `n${id}` }));
const lock = { table: "organization", key: ["id"], values: { id: 7 }, exists: true } as const;

describe("what a unit sends to PostgreSQL", () => {
  it("is one statement while it is small", () => {
    const writes = [insertion({ insertInto: "user_account", rows: rows(400) }), insertion({ insertInto: "audit_entry", rows: rows(100) })];
    assert.equal(isLarge(writes), false);
    assert.deepEqual(inPieces({ locks: [lock], writes }), [{ locks: [lock], writes }]);
  });

  it("is several where it is large, with every row once and in order, and the locks first", () => {
    const change = changing({ update: "organization", key: { id: 1 }, values: { name: "other" } });
    const writes = [
      insertion({ insertInto: "user_account", rows: rows(1_100) }),
      change,
      insertion({ insertInto: "audit_entry", rows: rows(3) }),
    ];
    const pieces = inPieces({ locks: [lock], writes });
    assert.deepEqual(
      pieces.map(({ locks, writes: [write, another] }) => [locks.length, write!.table, another]),
      [
        [1, "user_account", undefined],
        [0, "user_account", undefined],
        [0, "user_account", undefined],
        [0, "organization", undefined],
        [0, "audit_entry", undefined],
      ],
    );
    const sent = pieces.flatMap((piece) =>
      piece.writes[0]!.table === "user_account" ? JSON.parse(String(compose(piece).values.at(-1))) : [],
    );
    assert.deepEqual(sent, rows(1_100));
    const texts = pieces.slice(1, 3).map((piece) => compose(piece).text);
    assert.equal(texts[0], texts[1], "pieces of one table share their text, and the plan of it");
  });
});
