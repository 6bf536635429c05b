import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AttributeDefinition } from "../../src/radius/protocol/dictionary/attribute-definition.ts";
import { allDefinitions, definitionByName } from "../../src/radius/protocol/dictionary/dictionary.ts";
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

/** Values without a name here, which vendors or drafts put into the space of an RFC. */
const unnamedValues: Readonly<Record<string, readonly string[]>> = {
  "Service-Type": ["HP-Oper", "HP-User"],
  "Acct-Status-Type": [
    "Modem-Start",
    "Modem-Stop",
    "Cancel",
    "One-Time",
    "Subsystem-On",
    "Subsystem-Off",
    "WB-Login",
    "WB-Logout",
    "WB-WRitelog",
  ],
  "Framed-Protocol": [
    "PPTP",
    "Ascend-ARA",
    "Ascend-MPP",
    "Ascend-EURAW",
    "Ascend-EUUI",
    "Ascend-X25",
    "Ascend-COMB",
    "Ascend-FR",
    "Ascend-MP",
    "Ascend-FR-CIR",
  ],
  "Termination-Action": ["Manage-Resources"],
  "WiMAX-IP-Technology": ["Reserved-0", "Reserved-1"],
};

/** Attributes whose values stay numbers, for nobody compares them by name. */
const numericAttributes: Readonly<Record<string, string>> = { "Cisco-Disconnect-Cause": "60 causes that only accounting tells" };

/** All names of the attribute that has this one. */
const namesOf = (name: string): string[] => {
  const place = theirs.attributes.get(name)?.at(-1);
  const isSame = (one: TheirAttribute) => one.vendor === place?.vendor && one.number === place.number;
  return [...theirs.attributes].filter(([, places]) => places.some(isSame)).map(([one]) => one);
};

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

  it("on the names that a vendor's attribute has beside its own", () => {
    // Second names of standard attributes are those of servers before the RFCs, and of Ascend's equipment that used their numbers.
    const ofVendors = known.filter(({ vendor }) => vendor !== undefined);
    assert.deepEqual(
      ofVendors.flatMap(({ name }) => namesOf(name).filter((other) => definitionByName(other)?.name !== name)),
      [],
    );
  });

  it("on which values have names, private ones of vendors aside", () => {
    const faults: string[] = [];
    for (const [key, numbers] of theirs.values) {
      const [name, value] = key.split(" ") as [string, string];
      const definition = definitionByName(name);
      const number = numbers.at(-1)!;
      if (definition?.name !== name || definition.use === "control" || number > 0xffff || (unnamedValues[name] ?? []).includes(value))
        continue;
      // Several names of one number: one of them is enough.
      if (!definition.nameOfNumber.has(number) && !(name in numericAttributes)) faults.push(`${key} = ${number}`);
    }
    assert.deepEqual(faults, []);
  });

  it("on the names of values", () => {
    const faults: string[] = [];
    for (const { name, nameOfNumber } of known) {
      for (const [number, value] of nameOfNumber) {
        const numbers = namesOf(name).flatMap((one) => theirs.values.get(`${one} ${value}`) ?? []);
        if (!numbers.includes(number)) faults.push(`${name} ${value} = ${number} (there: ${numbers})`);
      }
    }
    assert.deepEqual(faults, []);
  });
});
