import type { Faults } from "../../../kernel/errors.ts";
import type { AaaProfile, AaaProfileFields, ProfileAttribute } from "./aaa-profile.ts";

/** What is wrong with one attribute of a list, and in which of its fields. */
interface ListFault {
  readonly index: number;
  readonly field: string;
  readonly sentence: string;
}

/** Checks the attributes of one of a profile's lists. Composition provides it, because modules must not import the dictionary. */
export type AttributeListCheck = (list: "check" | "reply", attributes: readonly ProfileAttribute[]) => readonly ListFault[];

/** Names an attribute that is given by numbers; it leaves all others as they are. Composition provides it. */
export type AttributeNaming = (attribute: ProfileAttribute) => ProfileAttribute;

/** The fields with all attributes of their lists by name, so that each is stored in one way. */
export const namedFields = (fields: AaaProfileFields, name: AttributeNaming): AaaProfileFields => ({
  ...fields,
  check: fields.check?.map(name),
  reply: fields.reply?.map(name),
});

const lists = ["check", "reply"] as const;

/** Checks the lists of a request: before the unit of work, in which nothing but the database may be awaited. */
export const checkLists = (checkAttributes: AttributeListCheck, { check = [], reply = [] }: AaaProfileFields) => ({
  check: checkAttributes("check", check),
  reply: checkAttributes("reply", reply),
});

/**
 * Adds the faults of lists that change. A list that was stored before this check existed may be sent back unchanged, so that PUT can change
 * a profile's other fields.
 */
export const addListFaults = (faults: Faults, listFaults: ReturnType<typeof checkLists>, before: AaaProfile, wanted: AaaProfile): void => {
  for (const list of lists) {
    if (isEqual(before[list], wanted[list])) continue;
    for (const { index, field, sentence } of listFaults[list]) faults.add(`${list}.${index}.${field}`, sentence);
  }
};

const isEqual = (before: readonly ProfileAttribute[], after: readonly ProfileAttribute[]): boolean =>
  JSON.stringify(before.map(plainAttribute)) === JSON.stringify(after.map(plainAttribute));

/** Written anew, so that equal lists have equal images whatever the order of their keys was. */
export const plainAttribute = ({ attribute, op, value }: ProfileAttribute): ProfileAttribute => ({ attribute, op, value });
