import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Document,
  deadPaths,
  faultyDecisions,
  faultyGlossary,
  isDocument,
  needlessExceptions,
  partsOfServer,
  undescribedParts,
  unlistedDecisions,
  wordsIn,
} from "./document-rules.ts";
import { readTracked, trackedFiles } from "./source-tree.ts";
import { retiredWordsIn, whereRetired } from "./word-rules.ts";

describe("the documents", () => {
  const files = trackedFiles();
  const documents: Document[] = files.filter(isDocument).map((path) => ({ path, text: readTracked(path) }));

  it("name and link only what is there", () => {
    assert.ok(documents.some(({ path }) => path === "docs/architecture.md"));
    assert.deepEqual(deadPaths(documents, files), []);
  });
  it("need every exception from that", () => assert.deepEqual(needlessExceptions(documents), []));
  it("have decisions of one page each", () => assert.deepEqual(faultyDecisions(documents), []));
  it("use the words of the field", () => assert.deepEqual(retiredWordsIn(documents), []));
  it("need every exception from those words", () => {
    const needless = Object.keys(whereRetired).filter(
      (path) =>
        retiredWordsIn(
          documents.filter((one) => one.path === path),
          {},
        ).length === 0,
    );
    assert.deepEqual(needless, []);
  });
  it("list every decision once", () => assert.deepEqual(unlistedDecisions(readTracked("docs/decisions/README.md"), files), []));
  it("describe every part of the server", () => {
    const parts = partsOfServer(files);
    for (const part of ["storage", "users", "network-access"]) assert.ok(parts.includes(part), part);
    assert.deepEqual(undescribedParts(readTracked("docs/architecture.md"), parts), []);
  });
  it("define every word once", () => assert.deepEqual(faultyGlossary(readTracked("docs/glossary.md")), []));
});

describe("the checks of documents", () => {
  const files = ["README.md", "docs/a.md", "packages/server/src/http/page.ts", "packages/server/test/api/lists.test.ts"];
  const dead = (text: string) => deadPaths([{ path: "docs/a.md", text }], files);

  it("refuse a link and a path that lead nowhere", () => {
    const bad = ["[x](b.md)", "[x](../docs/b.md#part)", "`http/pages.ts`", "`http/`x `other/`", "`page.mjs`", "`http/<noun>.routes.ts`"];
    for (const text of bad) assert.equal(dead(text).length, 1, text);
  });

  it("take files, folders, shortened paths and patterns", () => {
    const good = ["[x](a.md)", "[x](../README.md#start)", "[x](https://example.com/b.md)", "`http/page.ts`", "`page.ts`", "`src/http`"];
    const short = [
      "`api/lists`",
      "`test/api`",
      "`http/*.ts`",
      "`/api/v1/user/`",
      "`application`",
      "```\nb/c.ts\n```",
      "`{http,https}/page.ts`",
    ];
    for (const text of [...good, ...short]) assert.deepEqual(dead(text), [], text);
  });

  it("refuse a long decision, one with another number, and one that is for ever", () => {
    const page = (text: string) => faultyDecisions([{ path: "docs/decisions/0042-x.md", text }]);
    const ending = "**What would change our mind.** Much.";
    assert.deepEqual(page(`# 0042: X\n\n${ending}\n`), []);
    assert.equal(page(`# 0042: X\n\n${"word ".repeat(400)}\n${ending}`).length, 1);
    assert.equal(page(`# 42. X\n${ending}`).length, 1);
    assert.equal(page("# 0042: X\n").length, 1);
    assert.equal(wordsIn("| --- | - |\n**two** words"), 2);
  });

  it("refuse a decision that is not listed, twice listed, or listed only", () => {
    const paths = ["docs/decisions/0001-a.md", "docs/decisions/0001-b.md", "docs/decisions/README.md"];
    assert.equal(unlistedDecisions("[1](0001-a.md) [1](0001-a.md) [3](0003-c.md)", paths).length, 4);
    assert.deepEqual(unlistedDecisions("[1](0001-a.md)", paths.slice(0, 1)), []);
  });

  it("find a part that is not described", () => {
    const paths = ["packages/server/src/http/a.ts", "packages/server/src/modules/network/sessions/b.ts", "packages/server/src/app.ts"];
    assert.deepEqual(partsOfServer(paths), ["http", "modules", "sessions"]);
    assert.deepEqual(undescribedParts("`http/` and `modules/network`", ["http", "modules", "sessions"]), ["sessions"]);
    assert.deepEqual(undescribedParts("`modules/network/sessions/b.ts` `a/http`", ["http", "sessions"]), []);
  });

  it("refuse a retired word in prose, and take it in names of the code", () => {
    const said = (text: string) => retiredWordsIn([{ path: "docs/a.md", text }]);
    for (const text of ["Two doors.", "a name space", "It burns time.", "The Slot is taken."]) assert.equal(said(text).length, 1, text);
    for (const text of ["`kept_count.slot`", "[x](doors.md)", "```\nname space\n```", "a namespace"])
      assert.deepEqual(said(text), [], text);
  });

  it("refuse a word that is defined twice, avoided for itself, or not defined", () => {
    const head = "| Word | Meaning | Avoid |\n| --- | --- | --- |\n";
    assert.deepEqual(faultyGlossary(`${head}| **user**, account | A person. | member |\n| **realm** | A part. | user |\n`), []);
    assert.equal(faultyGlossary(`${head}| **user** | A person. | a |\n| **User** | Another. | b |\n`).length, 1);
    assert.equal(faultyGlossary(`${head}| **user** | A person. | member, user |\n`).length, 1);
    assert.equal(faultyGlossary(`${head}| **user** | | member |\n`).length, 1);
    assert.equal(faultyGlossary(`${head}| user | A person. | member |\n`).length, 1);
  });
});
