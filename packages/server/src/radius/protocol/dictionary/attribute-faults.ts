import { closestName } from "../../../kernel/closest-name.ts";
import type { AttributeDefinition } from "./attribute-definition.ts";
import { findAttribute } from "./attribute-names.ts";
import { roomFor } from "./attribute-place.ts";
import { resolveAttribute } from "./attribute-resolving.ts";
import { attributeNames } from "./dictionary.ts";
import { describeValue, expectedText, parseValue } from "./value-text.ts";

/** The two lists of an AAA profile: what a request must show, and what the answer carries. */
export type AttributeList = "check" | "reply";

/** An attribute of an AAA profile. */
export interface ListedAttribute {
  readonly attribute: string;
  /** FreeRADIUS' operator. */
  readonly op: string;
  readonly value: string;
}

/** What is wrong with an attribute of a profile: in which of its fields, and the sentence for who wrote it. */
export interface AttributeFault {
  readonly field: "attribute" | "op" | "value";
  readonly sentence: string;
}

/** The octets of a value's text, or the sentence that says why there are none. A hidden value is not repeated in it. */
export const checkValue = (definition: AttributeDefinition, text: string): { readonly octets: Buffer } | { readonly sentence: string } => {
  const octets = parseValue(definition, text);
  if (octets === undefined) return { sentence: expectation(definition, text) };
  if (definition.isTagged && definition.type === "integer" && octets[0] !== 0) return { sentence: "Enter an integer from 0 to 16777215." };
  const room = roomFor(definition);
  if (octets.length > room) return { sentence: `Use at most ${room} octets; these are ${octets.length}.` };
  if (octets.length === 0 && definition.type !== "octets") return { sentence: "Enter a value; RADIUS has no empty ones." };
  return { octets };
};

const fewNames = 12;

const expectation = (definition: AttributeDefinition, text: string): string => {
  const names = [...definition.nameOfNumber.values()];
  if (names.length === 0) return `Enter ${expectedText(definition.type)}.`;
  if (names.length <= fewNames) return `Enter ${expectedText(definition.type)}, or one of ${names.join(", ")}.`;
  const meant = definition.isSecret ? undefined : closestName(text, names);
  const hint = meant === undefined ? `such as ${names.slice(0, 3).join(", ")}` : `for example ${meant}`;
  return `Enter ${expectedText(definition.type)}, or the name of one, ${hint}.`;
};

const unknownAttribute = (name: string, suggests: boolean): string => {
  const [plain, tag] = name.split(":");
  const isTaggedName = tag !== undefined && findAttribute(plain!) !== undefined;
  if (isTaggedName) return `${plain} takes no tag such as :${tag}.`;
  const meant = suggests ? closestName(plain!, attributeNames()) : undefined;
  return `There is no RADIUS attribute ${plain} in the dictionary.${meant === undefined ? "" : ` Did you mean ${meant}?`}`;
};

/** Limits of FreeRADIUS' users that nothing here obeys: to store one would promise what is not kept. */
const elsewhere = (name: string): string | undefined => {
  if (/^Expiration$/i.test(name)) return "Expiration is not compared here; set the account's field expiration instead.";
  if (/^Max-.*(?:Traffic|Octets|Gigawords|Bytes|Upload|Download)/i.test(name)) {
    return `${name} is not counted here; quotas of octets come with plans' quotas. Until then the octets of each session stand in /aaa_accounting/.`;
  }
  if (/^Max-(?:All|Daily|Weekly|Monthly|Never|Hourly)-Session$/i.test(name)) {
    return `${name} is not counted here; give the account seconds by its field user_time, and add to them by POST /user_token/{id}/top_up/.`;
  }
  if (/^(?:Login-Time|Current-Time|Time-Of-Day|Day-Of-Week)$/i.test(name)) {
    return `${name} is not compared here; hours of the week come with plans. Until then set expiration, user_time, or is_active of the account.`;
  }
  return undefined;
};

const comparisons = ["==", "!=", ">", ">=", "<", "<=", "=~", "!~", "=*", "!*"];
const orderings = [">", ">=", "<", "<="];
const patterns = ["=~", "!~"];
const presences = ["=*", "!*"];
const ordered: readonly string[] = ["integer", "integer64", "signed", "short", "byte", "date"];

/** Why an operator does not suit an attribute in a list; undefined where it does. */
const misfitOperator = (list: AttributeList, definition: AttributeDefinition, op: string): string | undefined => {
  if (list === "reply") return ["=", ":=", "+="].includes(op) ? undefined : "Use =, := or += for what the answer carries.";
  if (definition.use === "control") return [":=", "="].includes(op) ? undefined : `${definition.name} is set, with :=, and not compared.`;
  if (!comparisons.includes(op)) return "Compare with ==, !=, >, >=, <, <=, =~, !~, =* or !*; := sets nothing that a request shows.";
  if (orderings.includes(op) && !ordered.includes(definition.type)) return "Use >, >=, < and <= for integers and times only.";
  return undefined;
};

/** Why an attribute may not stand in a list; undefined where it may. */
const misplaced = (list: AttributeList, { name, use, type }: AttributeDefinition): string | undefined => {
  if (use === "protocol") return `${name} is read and written by the protocol itself; a profile does not hold it.`;
  if (type === "tlv") return `${name} only holds other attributes; name one of those.`;
  if (list === "check") return use === "answers" ? `${name} stands in answers only; no request shows it.` : undefined;
  if (use === "requests") return `${name} stands in requests only; no answer carries it.`;
  return use === "control" ? `${name} is for the check list; no answer carries it.` : undefined;
};

const misfitValue = (definition: AttributeDefinition, text: string): string | undefined => {
  const checked = checkValue(definition, text);
  return "sentence" in checked ? checked.sentence : undefined;
};

/** An instruction is read by its text: a name where there are names, else digits. */
const misfitInstruction = ({ nameOfNumber, numberOfName }: AttributeDefinition, text: string): string | undefined => {
  if (nameOfNumber.size > 0) return numberOfName.has(text.toLowerCase()) ? undefined : `Enter ${[...nameOfNumber.values()].join(" or ")}.`;
  return /^\d{1,9}$/.test(text) ? undefined : "Enter an integer from 0 to 999999999.";
};

/** A pattern's size, and why it may not stand where it may not. */
export interface JudgedPattern {
  readonly size: number;
  readonly fault?: string;
}

/** What is needed to check an attribute. */
export interface JudgingOptions {
  /** What the engine that will match patterns has against this one: what it cannot read would never fit. */
  readonly checkPattern: (text: string) => JudgedPattern;
  /** Whether to say which name was meant. */
  readonly suggestsNames: boolean;
}

/** Everything that is wrong with one attribute of a profile's list; nothing where it will work. Pure. */
export const attributeFaults = (
  list: AttributeList,
  { attribute, op, value }: ListedAttribute,
  { checkPattern, suggestsNames }: JudgingOptions,
): readonly AttributeFault[] => {
  const instead = elsewhere(attribute);
  if (instead !== undefined) return [{ field: "attribute", sentence: instead }];
  const found = resolveAttribute(attribute, value);
  if (found === undefined) return [{ field: "attribute", sentence: unknownAttribute(attribute, suggestsNames) }];
  const { definition, text } = found;
  const place = misplaced(list, definition);
  if (place !== undefined) return [{ field: "attribute", sentence: place }];
  const faults: AttributeFault[] = [];
  const operator = misfitOperator(list, definition, op);
  if (operator !== undefined) faults.push({ field: "op", sentence: operator });
  if (patterns.includes(op)) {
    const { fault } = checkPattern(value);
    if (fault !== undefined) faults.push({ field: "value", sentence: fault });
  } else if (!presences.includes(op)) {
    const sentence = definition.use === "control" ? misfitInstruction(definition, text) : misfitValue(definition, text);
    if (sentence !== undefined) faults.push({ field: "value", sentence });
  }
  return faults;
};

/** A suggestion costs a millisecond: a list says what was meant for its first few unknown names only. */
const suggestions = 3;

/** What the patterns of a list may have together, so that no decision is spent on one profile. */
const maxPatterns = 1_000;

/** The faults of a whole list, each with the index of its attribute. */
export const attributeListFaults = (
  list: AttributeList,
  attributes: readonly ListedAttribute[],
  checkPattern: JudgingOptions["checkPattern"],
): readonly (AttributeFault & { readonly index: number })[] => {
  let unknown = 0;
  let size = 0;
  /** Beyond the list's own bound a pattern is not even looked at: a hundred dear ones would hold up everybody. */
  const withinTheList = (text: string): JudgedPattern => {
    if (size > maxPatterns) return { size: 0, fault: tooManyPatterns };
    const checked = checkPattern(text);
    size += checked.size;
    return checked.fault === undefined && size > maxPatterns ? { ...checked, fault: tooManyPatterns } : checked;
  };
  return attributes.flatMap((attribute, index) => {
    if (findAttribute(attribute.attribute) === undefined) unknown += 1;
    const options = { checkPattern: withinTheList, suggestsNames: unknown <= suggestions };
    return attributeFaults(list, attribute, options).map((fault) => ({ index, ...fault }));
  });
};

const tooManyPatterns = `The regular expressions of a list may have ${maxPatterns} parts in all, their repetitions written out.`;

/**
 * The one way in which an attribute's value is written, so that texts can be compared: "framed-user" and "2" are
 * "Framed-User". Undefined where the name is unknown or the value does not fit.
 */
export const canonicalValue = (name: string, text: string): string | undefined => {
  const found = resolveAttribute(name, text);
  const octets = found && parseValue(found.definition, found.text);
  return octets && describeValue(found.definition, octets);
};
