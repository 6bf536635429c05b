import type { AttributeDefinition, AttributeFamily, AttributeRow, Vendor } from "./attribute-definition.ts";
import { standards } from "./standards/index.ts";
import { vendorFamilies } from "./vendors/index.ts";

/** A space of attribute numbers: the IETF's, a vendor's, or what lies within an extended or TLV attribute. */
export type AttributeSpace = ReadonlyMap<number, AttributeDefinition>;

interface VendorSpace {
  readonly vendor: Vendor;
  readonly attributes: AttributeSpace;
}

/** The containers of the extended attributes (RFC 6929 §2): four with short values, two whose values may go on. */
export const isExtendedNumber = (number: number): boolean => number >= 241 && number <= 246;
/** Whether values of the container may go on in the next attribute (RFC 6929 §2.2). */
export const isLongExtendedNumber = (number: number): boolean => number === 245 || number === 246;

const numbersOfNames = new Map<Readonly<Record<string, number>>, ReadonlyMap<string, number>>();

/** Numbers by lower-case names. Tables that several attributes share are made once. */
const byLowerName = (values: Readonly<Record<string, number>>): ReadonlyMap<string, number> => {
  const known = numbersOfNames.get(values) ?? new Map(Object.entries(values).map(([name, number]) => [name.toLowerCase(), number]));
  numbersOfNames.set(values, known);
  return known;
};

/** The first name of each number. */
const byNumber = (values: Readonly<Record<string, number>>): ReadonlyMap<number, string> => {
  const names = new Map<number, string>();
  for (const [name, number] of Object.entries(values)) if (!names.has(number)) names.set(number, name);
  return names;
};

const define = ([number, name, type, traits = {}]: AttributeRow, vendor: Vendor | undefined): AttributeDefinition => ({
  name,
  type,
  vendor,
  path: String(number).split(".").map(Number),
  isTagged: traits.isTagged === true,
  hiding: traits.hiding,
  isSecret: traits.isSecret === true,
  use: traits.use ?? "anywhere",
  numberOfName: byLowerName(traits.values ?? noValues),
  nameOfNumber: byNumber(traits.values ?? noValues),
  children: new Map(),
});

const noValues = {} as const;

const byName = new Map<string, AttributeDefinition>();
const standardSpace = new Map<number, AttributeDefinition>();
const extendedSpaces = new Map<number, Map<number, AttributeDefinition>>();
const vendorSpaces = new Map<number, VendorSpace>();

const spaceOf = (vendor: Vendor | undefined): Map<number, AttributeDefinition> => {
  if (vendor === undefined) return standardSpace;
  const space = vendorSpaces.get(vendor.id) ?? { vendor, attributes: new Map() };
  vendorSpaces.set(vendor.id, space);
  return space.attributes as Map<number, AttributeDefinition>;
};

/** Where a definition belongs: its vendor's space, an extended container's, or within the TLV that its path names. */
const homeOf = ({ path, vendor, name }: AttributeDefinition): Map<number, AttributeDefinition> => {
  let space = spaceOf(vendor);
  let outer = path.slice(0, -1);
  if (vendor === undefined && outer.length > 0 && isExtendedNumber(outer[0]!)) {
    space = extendedSpaces.get(outer[0]!) ?? new Map();
    extendedSpaces.set(outer[0]!, space);
    outer = outer.slice(1);
  }
  for (const number of outer) {
    const parent = space.get(number);
    if (parent?.type !== "tlv") throw new Error(`${name} lies in no TLV that stands before it.`);
    space = parent.children as Map<number, AttributeDefinition>;
  }
  return space;
};

const learn = ({ rows, vendor }: AttributeFamily): void => {
  for (const row of rows) {
    const definition = define(row, vendor);
    for (const name of [definition.name, ...(row[3]?.aliases ?? [])]) {
      if (byName.has(name.toLowerCase())) throw new Error(`${name} stands twice in the dictionary.`);
      byName.set(name.toLowerCase(), definition);
    }
    // What only instructs the decision has no number on the wire.
    if (definition.use === "control") continue;
    const home = homeOf(definition);
    const number = definition.path.at(-1)!;
    if (home.has(number)) throw new Error(`${definition.name} has the number of ${home.get(number)!.name}.`);
    home.set(number, definition);
  }
};

for (const family of [...standards, ...vendorFamilies]) learn(family);

/** The IETF's attributes by number, for every packet asks for a dozen of them. */
const standardByNumber = Array.from({ length: 256 }, (_, number) => standardSpace.get(number));

/** The definition of an attribute by its FreeRADIUS name without tag, whatever its case; undefined for an unknown one. */
export const definitionByName = (name: string): AttributeDefinition | undefined => byName.get(name.toLowerCase());

/** All definitions, in the order of the families. */
export const allDefinitions = (): readonly AttributeDefinition[] => [...new Set(byName.values())];

/** The names of all attributes. */
export const attributeNames = (): readonly string[] => allDefinitions().map(({ name }) => name);

/** The IETF's attribute of a number. */
export const standardAttribute = (number: number): AttributeDefinition | undefined => standardByNumber[number];

/** What lies in an extended container, 241 to 246. */
export const extendedSpace = (container: number): AttributeSpace | undefined => extendedSpaces.get(container);

/** A vendor by its private enterprise number, and its attributes. */
export const vendorSpace = (id: number): VendorSpace | undefined => vendorSpaces.get(id);
