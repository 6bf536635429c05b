import { formats, type Operation } from "@gatehouse-aaa/contract";
import { Ajv, type ValidateFunction } from "ajv";
import type { TObject, TSchema } from "typebox";
import { DomainError, type FieldFaults, invalidField, invalidFields, noFaults } from "../kernel/errors.ts";
import { maxRows } from "./body-reader.ts";
import { faultsOf, namesOf } from "./validation-faults.ts";

// One answer names all faults of a request; bodies are bounded before, so that this work is bounded, too. The tests check the schemas:
// compiling the schema of schemas would delay the first request by 50 ms.
const ajv = new Ajv({ allErrors: true, coerceTypes: false, strict: true, allowUnionTypes: true, validateSchema: false });
ajv.addVocabulary(["example"]);
for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format.test);

/** What is wrong with a value. */
export interface Invalid {
  readonly faults: FieldFaults;
  /** Whether every faulty field is named: without them, the value fits the schema. */
  readonly areAll: boolean;
}

/** Checks a value against a schema; returns what is wrong, undefined when it fits. */
type Check = (value: unknown) => Invalid | undefined;

/** Unknown fields that are named one by one, and faulty fields that one answer names. */
const maxUnknown = 100;
const maxFaults = 200;

/** A schema is compiled when it is first used: compiling all of them would take a third of a start. */
const compile = (schema: TSchema, called = "field"): Check => {
  let compiled: ValidateFunction | undefined;
  const known = namesOf(Object.keys((schema as TObject).properties ?? {}));
  const isClosed = (schema as { additionalProperties?: unknown }).additionalProperties === false;
  return (value) => {
    compiled ??= ajv.compile(schema);
    const validate = compiled;
    // Each unknown field costs a fault and a search for what was meant: a body of nothing else is not worth it.
    if (isClosed && typeof value === "object" && value !== null && Object.keys(value).length > known.names.length + maxUnknown) {
      return { faults: bodyFault(`Has more than ${maxUnknown} unknown fields.`), areAll: false };
    }
    if (validate(value)) return undefined;
    const errors = validate.errors!;
    return { faults: faultsOf(errors.slice(0, maxFaults), known, called), areAll: errors.length <= maxFaults };
  };
};

const bodyFault = (sentence: string): FieldFaults => Object.assign(noFaults(), { body: [sentence] });

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

const checkRows = (rows: readonly unknown[], check: Check): Invalid | undefined => {
  if (rows.length === 0) return { faults: bodyFault("Must have at least one row."), areAll: false };
  if (rows.length > maxRows) {
    throw new DomainError("body.too_large", `An array may have at most ${maxRows} rows; this one has ${rows.length}.`);
  }
  const faults = noFaults();
  let areAll = true;
  let count = 0;
  for (const [index, row] of rows.entries()) {
    const invalid = check(row);
    if (!invalid) continue;
    areAll &&= invalid.areAll;
    for (const [field, sentences] of Object.entries(invalid.faults)) {
      faults[field === "body" ? `${index}` : `${index}.${field}`] = sentences;
      count += 1;
    }
    if (count >= maxFaults) return { faults, areAll: false };
  }
  return count > 0 ? { faults, areAll } : undefined;
};

/** A copy of a body without its faulty fields, so that the others can be checked. What is no object becomes an empty one. */
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

/** Reads and checks a query. Strings become integers and booleans where the schema says so. */
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
    const invalid = check(read);
    if (invalid) throw invalidFields(invalid.faults);
    return read;
  };
};

const isEmpty = (raw: object): boolean => {
  for (const _ in raw) return false;
  return true;
};

const fromText = (value: string, type: string | undefined): unknown => {
  // A number beyond the safe integers means the same as the greatest one: past the end of every list, the id of no record.
  if (type === "integer" && /^-?\d+$/.test(value))
    return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number(value), Number.MAX_SAFE_INTEGER));
  if (type === "boolean" && /^(?:true|1)$/i.test(value)) return true;
  if (type === "boolean" && /^(?:false|0)$/i.test(value)) return false;
  return value;
};

/** Reads path parameters; undefined when one of them cannot name a record. */
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
