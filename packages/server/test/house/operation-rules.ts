import { errorRegistry, formats, type Operation, scopedResources, scopes } from "@gatehouse-aaa/contract";
import { Ajv } from "ajv";

const ajv = new Ajv();

/** Schemas of operations that are none, as JSON Schema says. */
export const brokenSchemas = (ops: readonly Operation[]): string[] =>
  ops.flatMap(({ operationId, params, query, body, success }) =>
    Object.entries({ params, query, body, success: success.schema })
      .filter(([, schema]) => schema !== undefined && !ajv.validateSchema(schema))
      .map(([part]) => `${operationId}: ${part}: ${ajv.errorsText(ajv.errors)}`),
  );

/** Tags that are no scoped resource: `me` is what belongs to the token that asks. */
const otherTags = ["me"] as const;

/** What a declaration of an operation lacks. */
export const incomplete = (ops: readonly Operation[]): string[] =>
  ops.flatMap((op) => {
    const faults: string[] = [];
    const need = (holds: boolean, what: string) => void (holds || faults.push(`${op.operationId || op.path}: ${what}`));
    need(/^[a-z]+(?:_[a-z]+)*$/.test(op.operationId), "operationId is not in snake_case");
    need(scopes.includes(op.scope), "scope is unknown");
    need(op.scope === "admin" || op.scope.endsWith(op.method === "GET" ? ":read" : ":write"), "scope does not fit the method");
    need(op.summary.length >= 8 && !op.summary.endsWith("."), "summary is missing or ends with a full stop");
    need(op.description.length >= 10 && op.description.endsWith("."), "description is missing or no sentence");
    need(
      [...scopedResources, ...otherTags].some((tag) => tag === op.tag),
      "tag is no resource",
    );
    need(/^\/(?:[a-z_]+|\{[a-z]+\})(?:\/(?:[a-z_]+|\{[a-z]+\}))*\/$/.test(op.path), "path is not in the house's form");
    need(Array.isArray(op.errors) && op.errors.every((code) => code in errorRegistry), "errors name an unknown code");
    need(["safe", "idempotent", "unsafe"].includes(op.retry), "retry class is unknown");
    need((op.method === "GET") === (op.retry === "safe"), "retry class does not fit the method");
    need(op.method !== "POST" || op.retry === "unsafe", "a POST is not idempotent");
    need(op.query !== undefined, "query is not declared, so format=json is not taken");
    need((op.path.match(/\{\w+\}/g) ?? []).length === Object.keys(op.params?.properties ?? {}).length, "params and path differ");
    need(
      !op.path.includes("{") || op.errors.some((code) => errorRegistry[code]?.status === 404),
      "a path to one record has no 404 of its own",
    );
    need((op.success.status === 204) === (op.success.schema === undefined), "success has a schema with 204 or none without");
    need(["POST", "PUT", "PATCH"].includes(op.method) === (op.body !== undefined), "body does not fit the method");
    return faults;
  });

export const repeated = (values: readonly string[]): string[] => values.filter((value, index) => values.indexOf(value) !== index);

/** Formats that a schema names, anywhere inside it. */
export const formatsOf = (schema: unknown): string[] => {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "format" in schema && typeof schema.format === "string" ? [schema.format] : [];
  return [...own, ...Object.values(schema).flatMap(formatsOf)];
};

export const unknownFormats = (schemas: readonly unknown[]): string[] => schemas.flatMap(formatsOf).filter((name) => !(name in formats));

/** Object schemas of requests that would drop an unknown field in silence. */
export const openObjects = (ops: readonly Operation[]): string[] =>
  ops.flatMap((op) =>
    [op.body, op.query].flatMap((schema, index) => {
      const closed = schema === undefined || (schema as { additionalProperties?: unknown }).additionalProperties === false;
      return closed ? [] : [`${op.operationId}: the ${index === 0 ? "body" : "query"} takes unknown names`];
    }),
  );
