import type { Faults } from "../../../kernel/errors.ts";
import type { AaaProfile, AaaProfileFields, ProfileAttribute } from "./aaa-profile.ts";

/** What is wrong with one attribute of a list, and in which of its fields. */
interface ListFault {
  readonly index: number;
  readonly field: string;
  readonly sentence: string;
}

/** Judges the attributes of one of a profile's lists; `app.ts` fills it, for the dictionary stands in another room. */
export type AttributeListCheck = (list: "check" | "reply", attributes: readonly ProfileAttribute[]) => readonly ListFault[];

/** An attribute that is given by its numbers, by its name; `attribute-dictionary.ts` fills it. All others it leaves as they are. */
export type AttributeNaming = (attribute: ProfileAttribute) => ProfileAttribute;

/** The fields with the attributes of their lists by name, so that nothing is stored in two ways. */
export const namedFields = (fields: AaaProfileFields, name: AttributeNaming): AaaProfileFields => ({
  ...fields,
  check: fields.check?.map(name),
  reply: fields.reply?.map(name),
});

const lists = ["check", "reply"] as const;

/** Judges the lists that a request brings: before the unit of work, in which the database alone is waited for. */
export const judgeLists = (judge: AttributeListCheck, { check = [], reply = [] }: AaaProfileFields) => ({
  check: judge("check", check),
  reply: judge("reply", reply),
});

/**
 * Tells the faults of lists that change. One that was stored before there was this check is written back as it stands, so
 * that a profile's other fields can be changed by PUT; who changes the list makes it whole.
 */
export const addListFaults = (faults: Faults, found: ReturnType<typeof judgeLists>, before: AaaProfile, settled: AaaProfile): void => {
  for (const list of lists) {
    if (isEqual(before[list], settled[list])) continue;
    for (const { index, field, sentence } of found[list]) faults.add(`${list}.${index}.${field}`, sentence);
  }
};

const isEqual = (before: readonly ProfileAttribute[], after: readonly ProfileAttribute[]): boolean =>
  JSON.stringify(before.map(plainAttribute)) === JSON.stringify(after.map(plainAttribute));

/** Written anew, so that equal lists have equal images whatever the order of their keys was. */
export const plainAttribute = ({ attribute, op, value }: ProfileAttribute): ProfileAttribute => ({ attribute, op, value });
