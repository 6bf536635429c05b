import { formats } from "@gatehouse-aaa/contract";
import type { ErrorObject } from "ajv";
import { BoundedCache } from "../kernel/bounded-cache.ts";
import { closestName } from "../kernel/closest-name.ts";
import { type FieldFaults, noFaults } from "../kernel/errors.ts";

/** The faulty fields behind what a validator found, each with sentences for a person. */
export const faultsOf = (errors: readonly ErrorObject[], known: KnownNames, called: string): FieldFaults => {
  const faults = noFaults();
  for (const error of errors) {
    const [field, sentence] = describe(error, known, called);
    faults[field] ??= [];
    const sentences = faults[field];
    if (!sentences.includes(sentence)) sentences.push(sentence);
  }
  return faults;
};

const describe = (error: ErrorObject, known: KnownNames, called: string): [field: string, sentence: string] => {
  const path = error.instancePath.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
  const below = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (error.keyword === "required") return [below(error.params["missingProperty"] as string), "This field is required."];
  if (error.keyword === "additionalProperties") {
    const name = error.params["additionalProperty"] as string;
    return [below(name), path === "" ? `Unknown ${called}.${known.suggestionFor(name)}${known.list}` : `Unknown ${called}.`];
  }
  return [path === "" ? "body" : path, sentenceFor(error)];
};

/** Names that a sentence lists at most. */
const maxListed = 60;

/** The names that a schema knows. */
export interface KnownNames {
  readonly names: readonly string[];
  /** All of them, as the end of a sentence. */
  readonly list: string;
  /** The known name that is nearest to an unknown one, as a question; empty where none is near. */
  suggestionFor(name: string): string;
}

export const namesOf = (names: readonly string[]): KnownNames => {
  const listed = names.toSorted().slice(0, maxListed);
  // The rows of an array are mostly wrong in the same way, so that suggestions are remembered.
  const suggestions = new BoundedCache<string, string>(100);
  return {
    names,
    list: names.length === 0 ? "" : ` Known: ${listed.join(", ")}${names.length > maxListed ? ", ..." : ""}.`,
    suggestionFor(name) {
      let suggestion = suggestions.get(name);
      if (suggestion === undefined) {
        const meant = closestName(name, names);
        suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
        suggestions.set(name, suggestion);
      }
      return suggestion;
    },
  };
};

const typeNames: Record<string, string> = {
  string: "a string",
  integer: "an integer",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  number: "a number",
  null: "null",
};

const sentenceFor = (error: ErrorObject): string => {
  const { params } = error;
  switch (error.keyword) {
    case "type": {
      const types = [params["type"] as string | string[]].flat();
      return `Must be ${types.map((type) => typeNames[type] ?? type).join(" or ")}.`;
    }
    case "format":
      return formats[params["format"] as keyof typeof formats].sentence;
    case "enum":
      return `Must be ${(params["allowedValues"] as unknown[]).length > 1 ? "one of " : ""}${(params["allowedValues"] as unknown[]).map(String).join(", ")}.`;
    case "minLength":
      return "May not be empty.";
    case "maxLength":
      return `May have at most ${params["limit"]} characters.`;
    case "minItems":
      return `Must have at least ${params["limit"]} ${params["limit"] === 1 ? "entry" : "entries"}.`;
    case "maxItems":
      return `May have at most ${params["limit"]} entries.`;
    case "minimum":
      return `Must be at least ${params["limit"]}.`;
    case "maximum":
      return `Must be at most ${params["limit"]}.`;
    default:
      return `Not valid: ${error.message ?? error.keyword}.`;
  }
};
