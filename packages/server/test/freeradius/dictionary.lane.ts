import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AttributeDefinition } from "../../src/radius-protocol/dictionary/attribute-definition.ts";
import { allDefinitions } from "../../src/radius-protocol/dictionary/dictionary.ts";
import { readDictionary, type TheirAttribute } from "./freeradius-dictionary.ts";

const theirs = readDictionary(process.env["FREERADIUS_DICTIONARY"] ?? "/usr/share/freeradius/dictionary");
const ours = allDefinitions().filter(({ use }) => use !== "control");

/** Names that the FreeRADIUS of Debian 12 does not have, each with its source. */
const oursAlone: Readonly<Record<string, string>> = {
  "ChilliSpot-Max-Input-Gigawords": "CoovaChilli's own dictionary",
  "ChilliSpot-Max-Output-Gigawords": "CoovaChilli's own dictionary",
  "ChilliSpot-Max-Total-Gigawords": "CoovaChilli's own dictionary",
};

/** Where a type differs, and why ours is right. */
const otherTypes: Readonly<Record<string, string>> = {};

/** Where hiding or tags differ, and why ours is right. */
const otherTraits: Readonly<Record<string, string>> = {};

const encryptionOf = (definition: AttributeDefinition): number =>
  definition.hiding === "password" ? 1 : definition.hiding === "salted" ? 2 : 0;

const sameType = (definition: AttributeDefinition, { type }: TheirAttribute): boolean =>
  type === definition.type || (type === "vsa" && definition.name === "Vendor-Specific");

describe("FreeRADIUS' dictionary and ours agree", () => {
  const known = ours.filter(({ name }) => !(name in oursAlone));

  it("on the names", () => {
    assert.deepEqual(
      known.filter(({ name }) => !theirs.attributes.has(name)).map(({ name }) => name),
      [],
    );
    assert.deepEqual(
      Object.keys(oursAlone).filter((name) => theirs.attributes.has(name)),
      [],
      "exemptions that are not needed any more",
    );
  });

  it("on vendors and numbers", () => {
    for (const { name, vendor, path } of known) {
      const places = (theirs.attributes.get(name) ?? []).map((one) => `${one.vendor}/${one.number}`);
      assert.ok(places.includes(`${vendor?.id ?? 0}/${path.join(".")}`), `${name} is ${places.join(" or ")}, not ${path.join(".")}`);
    }
  });

  it("on types", () => {
    const differing = known
      .filter((definition) => !(theirs.attributes.get(definition.name) ?? []).some((one) => sameType(definition, one)))
      .map(({ name, type }) => `${name} is ${theirs.attributes.get(name)?.map((one) => one.type)}, not ${type}`);
    assert.deepEqual(
      differing.filter((text) => !(text.split(" ")[0]! in otherTypes)),
      [],
    );
  });

  it("on tags and hiding", () => {
    const differing = known
      .filter((definition) => {
        const one = theirs.attributes.get(definition.name)?.at(-1);
        return one !== undefined && (one.isTagged !== definition.isTagged || one.encryption !== encryptionOf(definition));
      })
      .map(({ name }) => name)
      .filter((name) => !(name in otherTraits));
    assert.deepEqual(differing, []);
  });

  it("on how vendors write types and lengths", () => {
    for (const { vendor } of known) {
      if (!vendor) continue;
      const format = `${vendor.typeOctets ?? 1},${vendor.lengthOctets ?? 1}${vendor.hasContinuation ? ",c" : ""}`;
      assert.equal(format, theirs.formats.get(vendor.id) || "1,1", vendor.name);
    }
  });

  it("on the names of values", () => {
    const faults: string[] = [];
    for (const { name, nameOfNumber } of known) {
      for (const [number, value] of nameOfNumber) {
        const numbers = theirs.values.get(`${name} ${value}`);
        if (!numbers?.includes(number)) faults.push(`${name} ${value} = ${number} (there: ${numbers ?? "none"})`);
      }
    }
    assert.deepEqual(faults, []);
  });
});
