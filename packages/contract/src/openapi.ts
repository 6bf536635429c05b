import { type ErrorCode, errorRegistry } from "./errors.ts";
import { basePath, conditional, declaredErrors, type Operation } from "./operation.ts";
import { allOperations } from "./operations/index.ts";
import * as components from "./schemas/index.ts";
import { scopes } from "./scopes.ts";

type Json = Record<string, unknown>;

const componentNames = new Map<unknown, string>(Object.entries(components).map(([name, schema]) => [schema, name]));

/** The OpenAPI 3.1 document of the API, made from the operations alone: the same input gives the same bytes. */
export const buildOpenApi = (version: string): Json => ({
  openapi: "3.1.0",
  info: {
    title: "Gatehouse: GATE API v1",
    version,
    summary: "Accounts, time credit, extended profiles, devices and AAA profiles.",
    description:
      "Every request carries `Authorization: Bearer <token>`. Errors are problem documents (RFC 9457). Lists answer `count`, `next`, `previous` and `results`.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: basePath, description: "This server." }],
  security: [{ bearer: [] }],
  tags: [...new Set(allOperations.map((op) => op.tag))].map((name) => ({ name, description: `Operations on \`/${name}/\`.` })),
  paths: pathsOf(allOperations),
  components: {
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer", description: `An API token. Its scopes are among: ${scopes.join(", ")}.` },
    },
    schemas: Object.fromEntries(Object.entries(components).map(([name, schema]) => [name, documented(schema, true)])),
  },
});

const pathsOf = (ops: readonly Operation[]): Json => {
  const paths: Record<string, Json> = {};
  for (const op of ops) {
    paths[op.path] ??= {};
    paths[op.path]![op.method.toLowerCase()] = describeOperation(op);
  }
  return paths;
};

const describeOperation = (op: Operation): Json => ({
  operationId: op.operationId,
  tags: [op.tag],
  summary: op.summary,
  description: `${op.description}\n\nScope: \`${op.scope}\`. Retry: ${op.retry}.`,
  security: [{ bearer: [] }],
  ...(op.params || op.query || op.method === "GET" ? { parameters: parametersOf(op) } : {}),
  ...(op.body ? { requestBody: requestBodyOf(op) } : {}),
  responses: responsesOf(op),
  "x-gatehouse-scope": op.scope,
  "x-gatehouse-retry": op.retry,
});

const parametersOf = (op: Operation): Json[] => {
  const path = Object.entries(op.params?.properties ?? {}).map(([name, schema]) => parameter(name, "path", schema, true));
  const query = Object.entries(op.query?.properties ?? {}).map(([name, schema]) => parameter(name, "query", schema, false));
  const version = conditional(op)
    ? [
        parameter(
          "If-Match",
          "header",
          { type: "string", description: "Change only this version: a tag from `ETag`.", example: '"42.7"' },
          false,
        ),
        parameter(
          "If-None-Match",
          "header",
          { type: "string", description: "Change any version but this; `*` refuses every change.", example: '"42.6"' },
          false,
        ),
      ]
    : [];
  return [...path, ...query, ...version];
};

const parameter = (name: string, where: "path" | "query" | "header", schema: unknown, required: boolean): Json => {
  const { description, example, ...rest } = documented(schema) as Json;
  return { name, in: where, required, description, schema: rest, ...(example === undefined ? {} : { example }) };
};

const requestBodyOf = (op: Operation): Json => {
  const one = documented(op.body);
  const rows = { type: "array", minItems: 1, maxItems: 1000, items: one };
  const schema = op.rows === "required" ? rows : op.rows === "allowed" ? { oneOf: [one, rows] } : one;
  const types = op.method === "PATCH" ? ["application/json", "application/merge-patch+json"] : ["application/json"];
  return { required: op.bodyOptional !== true, content: Object.fromEntries(types.map((type) => [type, { schema }])) };
};

const responsesOf = (op: Operation): Json => {
  const { status, description, schema, rows } = op.success;
  const one = schema && documented(schema);
  const body =
    one && rows ? (op.rows === "required" ? { type: "array", items: one } : { oneOf: [one, { type: "array", items: one }] }) : one;
  const responses: Json = {
    [status]: {
      description,
      ...(showsOneRecord(op) ? { headers: { ETag: { description: "The version of the record.", schema: { type: "string" } } } } : {}),
      ...(body ? { content: { "application/json": { schema: body } } } : {}),
    },
  };
  if (op.method === "GET" && showsOneRecord(op)) responses["304"] = { description: "Unchanged since the version in `If-None-Match`." };
  for (const [code, codes] of byStatus(declaredErrors(op))) responses[code] = problemResponse(codes);
  return responses;
};

/** Whether the answer is one record, which has a version; a page and an array have none. */
const showsOneRecord = (op: Operation): boolean => {
  const { status, schema, rows } = op.success;
  const isPage = "results" in ((schema as { properties?: object } | undefined)?.properties ?? {});
  return status === 200 && op.method !== "POST" && !rows && !isPage;
};

const byStatus = (codes: readonly ErrorCode[]): [number, ErrorCode[]][] => {
  const grouped = Map.groupBy(new Set(codes), (code) => errorRegistry[code].status);
  return [...grouped].sort(([a], [b]) => a - b);
};

const problemResponse = (codes: readonly ErrorCode[]): Json => ({
  description: codes.map((code) => `\`${code}\`: ${errorRegistry[code].title}.`).join(" "),
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

/** A schema as the document shows it: named schemas by reference, formats of ours by their descriptions. */
const documented = (schema: unknown, inline = false): unknown => {
  if (Array.isArray(schema)) return schema.map((part) => documented(part));
  if (typeof schema !== "object" || schema === null) return schema;
  const name = componentNames.get(schema);
  if (name !== undefined && !inline) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, key === "example" ? value : documented(value)]));
};
