import { formats, type Operation } from "@gatehouse-aaa/contract";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { TObject, TSchema } from "typebox";
import { BoundedCache } from "../kernel/bounded-cache.ts";
import { closestName } from "../kernel/closest-name.ts";
import { DomainError, type FieldFaults, invalidField, invalidFields, noFaults } from "../kernel/errors.ts";
import { mostRows } from "./json-scan.ts";

// All faults of a request are told at once; bodies are bounded before, so that the work is too. The schemas are ours, and the
// tests check them: to compile the schema of schemas would hold up the first request for 50 ms.
const ajv = new Ajv({ allErrors: true, coerceTypes: false, strict: true, allowUnionTypes: true, validateSchema: false });
ajv.addVocabulary(["example"]);
for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format.test);

/** What is wrong with a value. */
export interface Found {
  readonly faults: FieldFaults;
  /** Whether every faulty field is named: then what remains without them fits the schema. */
  readonly areAll: boolean;
}

/** Checks a value against a schema and returns what is wrong, undefined when it fits. */
type Check = (value: unknown) => Found | undefined;

/** Unknown fields that are named one by one, and faulty fields that one answer names. */
const mostUnknown = 100;
const mostFaults = 200;

/** Compiled at its first use: all schemas together would be a third of the time that a start takes. */
const compile = (schema: TSchema, called = "field"): Check => {
  let compiled: ValidateFunction | undefined;
  const known = namesOf(Object.keys((schema as TObject).properties ?? {}));
  const isClosed = (schema as { additionalProperties?: unknown }).additionalProperties === false;
  return (value) => {
    compiled ??= ajv.compile(schema);
    const validate = compiled;
    // Each unknown field costs a fault and a search for what was meant: a body of nothing else is not worth it.
    if (isClosed && typeof value === "object" && value !== null && Object.keys(value).length > known.names.length + mostUnknown) {
      return { faults: bodyFault(`Has more than ${mostUnknown} unknown fields.`), areAll: false };
    }
    if (validate(value)) return undefined;
    const errors = validate.errors!;
    return { faults: faultsOf(errors.slice(0, mostFaults), known, called), areAll: errors.length <= mostFaults };
  };
};

const bodyFault = (sentence: string): FieldFaults => Object.assign(noFaults(), { body: [sentence] });

const faultsOf = (errors: readonly ErrorObject[], known: KnownNames, called: string): FieldFaults => {
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

/** Names that a sentence lists, so that nobody has to look for the reference. */
const mostListed = 60;

interface KnownNames {
  readonly names: readonly string[];
  /** All of them, as the end of a sentence. */
  readonly list: string;
  /** Which one was meant. */
  suggestionFor(name: string): string;
}

const namesOf = (names: readonly string[]): KnownNames => {
  const listed = names.toSorted().slice(0, mostListed);
  // The rows of an array are mostly wrong in the same way.
  const suggestions = new BoundedCache<string, string>(100);
  return {
    names,
    list: names.length === 0 ? "" : ` Known: ${listed.join(", ")}${names.length > mostListed ? ", ..." : ""}.`,
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

/** How an operation's body is checked: one object, or rows whose faults begin with the row's index. */
export const bodyCheck = (op: Operation): Check => {
  const check = compile(op.body!);
  return (body) => {
    if (body === undefined && !op.bodyOptional) throw new DomainError("request.malformed", "A JSON body is required.");
    if (body === undefined) return undefined;
    if (op.rows !== undefined && Array.isArray(body)) return checkRows(body, check);
    return op.rows === "required" ? { faults: bodyFault("Must be a list of objects."), areAll: false } : check(body);
  };
};

const checkRows = (rows: readonly unknown[], check: Check): Found | undefined => {
  if (rows.length === 0) return { faults: bodyFault("Must have at least one row."), areAll: false };
  if (rows.length > mostRows) {
    throw new DomainError("body.too_large", `An array may have at most ${mostRows} rows; this one has ${rows.length}.`);
  }
  const faults = noFaults();
  let areAll = true;
  let count = 0;
  for (const [index, row] of rows.entries()) {
    const found = check(row);
    if (!found) continue;
    areAll &&= found.areAll;
    for (const [field, sentences] of Object.entries(found.faults)) {
      faults[field === "body" ? `${index}` : `${index}.${field}`] = sentences;
      count += 1;
    }
    if (count >= mostFaults) return { faults, areAll: false };
  }
  return count > 0 ? { faults, areAll } : undefined;
};

/** A copy of a body without the fields that are faulty, so that the others can be judged; what is no object is an empty one. */
export const withoutFaulty = (body: unknown, faults: FieldFaults): unknown => {
  const paths = Object.keys(faults).map((name) => name.split(".", 2));
  if (!Array.isArray(body)) return withoutNamed(body, new Set(paths.map(([field]) => field!)));
  const ofRows = Map.groupBy(paths, ([index]) => index!);
  return body.map((row, index) => withoutNamed(row, new Set(ofRows.get(`${index}`)?.map(([, field]) => field ?? ""))));
};

const withoutNamed = (row: unknown, names: ReadonlySet<string>): Record<string, unknown> =>
  typeof row === "object" && row !== null && !Array.isArray(row)
    ? Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name)))
    : {};

/** Reads and checks a query: strings become integers and booleans where the schema says so, and nothing else does. */
export const queryReader = (schema: TObject): ((raw: Record<string, unknown>) => Record<string, unknown>) => {
  const check = compile(schema, "query parameter");
  const types = new Map(Object.entries(schema.properties).map(([name, property]) => [name, (property as { type?: string }).type]));
  const isAllOptional = ((schema.required ?? []) as readonly string[]).length === 0;
  return (raw) => {
    if (isAllOptional && isEmpty(raw)) return {};
    // Without a prototype a parameter named `__proto__` is unknown like any other.
    const read: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(raw)) {
      if (Array.isArray(value)) throw invalidField(name, "Give this parameter once.");
      // PostgreSQL stores no such text and refuses the whole query; SQLite would read the pattern up to it.
      if ((value as string).includes("\u0000")) throw invalidField(name, "May not contain the character U+0000.");
      read[name] = fromText(value as string, types.get(name));
    }
    const found = check(read);
    if (found) throw invalidFields(found.faults);
    return read;
  };
};

const isEmpty = (raw: object): boolean => {
  for (const _ in raw) return false;
  return true;
};

const fromText = (value: string, type: string | undefined): unknown => {
  // A number beyond all others is as good as the greatest: past the end of every list, the id of nothing.
  if (type === "integer" && /^-?\d+$/.test(value))
    return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number(value), Number.MAX_SAFE_INTEGER));
  if (type === "boolean" && /^(?:true|1)$/i.test(value)) return true;
  if (type === "boolean" && /^(?:false|0)$/i.test(value)) return false;
  return value;
};

/** Reads path parameters: undefined when one cannot name anything, for then there is no such record. */
export const paramsReader = (schema: TObject): ((raw: Record<string, string>) => Record<string, unknown> | undefined) => {
  const check = compile(schema);
  const integers = new Set(
    Object.entries(schema.properties)
      .filter(([, property]) => (property as { type?: string }).type === "integer")
      .map(([name]) => name),
  );
  return (raw) => {
    const read: Record<string, unknown> = {};
    for (const name in raw) {
      const value = raw[name]!;
      if (value.includes("\u0000")) return undefined;
      read[name] = integers.has(name) ? fromText(value, "integer") : value;
    }
    return check(read) ? undefined : read;
  };
};
