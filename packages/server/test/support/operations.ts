import assert from "node:assert/strict";
import { allOperations, declaredErrors, type ErrorCode, errorRegistry, formats, type Operation } from "@gatehouse-aaa/contract";
import { Ajv, type ValidateFunction } from "ajv";
import type { TObject, TSchema } from "typebox";
import { makeClient, report } from "./network.ts";
import type { Answer, World } from "./world.ts";

type Json = Record<string, unknown>;

/** The operation that answers a request of this method and path, if any does; the path begins below the base path. */
export const operationOf = (method: string, path: string): Operation | undefined => {
  // As the client resolves it: to go up a segment from a record is to ask for its collection.
  const plain = new URL(`http://host${path.startsWith("/") ? path : `/${path}`}`).pathname.replace(/\/?$/, "/");
  const wanted = method === "HEAD" ? "GET" : method;
  const fits = (op: Operation) => op.method === wanted && new RegExp(`^${op.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(plain);
  // A fixed path is no record of the collection, whatever it is asked for.
  if (allOperations.some((op) => op.path === plain) && !allOperations.some((op) => op.path === plain && op.method === wanted))
    return undefined;
  const found = allOperations.filter(fits);
  // A path without parameters wins over one with them, as in the router.
  return found.find((op) => !op.path.includes("{")) ?? found[0];
};

/** What the schema's own example says of each required field: the least body that fits. */
export const leastBody = (op: Operation): Json => {
  const schema = op.body as TSchema & { example?: Json; required?: string[]; properties?: Record<string, { example?: unknown }> };
  if (schema.example !== undefined) return structuredClone(schema.example);
  const body = Object.fromEntries((schema.required ?? []).map((name) => [name, structuredClone(schema.properties?.[name]?.example)]));
  const lacking = Object.keys(body).filter((name) => body[name] === undefined);
  assert.deepEqual(lacking, [], `${op.operationId}: give these required fields of the body an example in the contract`);
  return body;
};

/** The least body in the shape that the operation takes: one object, or an array where only arrays are taken. */
export const leastPayload = (op: Operation): unknown => (op.rows === "required" ? [leastBody(op)] : leastBody(op));

/** Where the resource of a tag cannot be listed or created by its example alone: how a record of it comes to be. */
const makers: Record<string, (world: World) => Promise<void>> = {
  access_decision: async (world) => {
    const answer = await world.post("/device_app_user_authenticate/", { username: "john_doe", password: "no password of anybody" });
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    await world.app.flush();
  },
  aaa_accounting: async (world) => {
    const client = await makeClient(world);
    await report(world, client, "Start", { id: "session-of-every-operation", userName: "john_doe" });
  },
  device: async (world) => {
    const answer = await world.post("/device_app_user_update/", { data: { username: "john_doe", imei: "490154203237518" } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  },
};

/** Path parameters that are ids of records. */
const idsInPaths: ReadonlySet<string> = new Set(["id", "radacctid"]);

/** A path for each operation, to a record that exists and that no other test of the world needs. */
export type Paths = ReadonlyMap<string, string>;

export const pathsIn = async (world: World): Promise<Paths> => {
  const idOfPath = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const op of allOperations) {
    let path: string = op.path;
    for (const name of Object.keys(op.params?.properties ?? {})) {
      const key = `${op.path.split(`{${name}}`)[0]}{${name}}`;
      if (!idOfPath.has(key)) idOfPath.set(key, idsInPaths.has(name) ? await existingId(world, op) : exampleOf(op, name));
      path = path.replace(`{${name}}`, encodeURIComponent(idOfPath.get(key)!));
    }
    paths.set(op.operationId, path);
  }
  return paths;
};

const exampleOf = (op: Operation, name: string): string => {
  const { example } = (op.params as TObject).properties[name] as { example?: unknown };
  assert.ok(example !== undefined, `${op.operationId}: give the path parameter ${name} an example in the contract`);
  return String(example);
};

/** Creates a record by its example, takes the first one of the list, or makes one as the table above says. */
const existingId = async (world: World, op: Operation): Promise<string> => {
  const collection = `${op.path.split("{")[0]}` as const;
  const create = allOperations.find((one) => one.path === collection && one.method === "POST" && one.success.status === 201);
  if (create) return String(await createByExample(world, create));
  const first = async () => (await world.get(`${collection}?limit=1`)).body.results?.[0]?.id as number | undefined;
  const found = await first();
  if (found !== undefined) return String(found);
  const make = makers[op.tag];
  assert.ok(make, `${op.operationId}: no record to ask for. Say in test/support/operations.ts, in "makers", how a ${op.tag} comes to be.`);
  await make(world);
  return String((await first()) ?? assert.fail(`The maker of ${op.tag} made nothing that ${collection} lists.`));
};

/** Sends the least body; where another record has its name already, the same with another name. */
const createByExample = async (world: World, create: Operation): Promise<number> => {
  const body = leastBody(create);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await world.post(create.path, body);
    if (answer.status === 201) return answer.body.id;
    const taken = Object.keys(answer.body.errors ?? {}).filter((field) => typeof body[field] === "string");
    if (attempt > 5 || taken.length === 0) {
      assert.fail(`${create.operationId} refuses the least body by its own examples: ${JSON.stringify([body, answer.body])}`);
    }
    for (const field of taken) body[field] = `${body[field]}_${attempt}`;
  }
};

/** Checks that an answer is a whole problem document with this status, and one that the operation declares. */
export const assertProblem = (answer: Answer, status: number, op?: Operation): void => {
  const shown = JSON.stringify([answer.status, answer.body]);
  assert.equal(answer.status, status, shown);
  assert.equal(String(answer.headers["content-type"]), "application/problem+json", shown);
  const { type, title, detail, code, errors } = answer.body;
  assert.ok(code in errorRegistry, `unknown code: ${shown}`);
  assert.equal(answer.body.status, status, shown);
  assert.equal(errorRegistry[code as ErrorCode].status, status, shown);
  assert.equal(title, errorRegistry[code as ErrorCode].title, shown);
  assert.equal(type, `urn:gatehouse:problem:${code}`, shown);
  assert.ok(typeof detail === "string" && detail.length > 0, shown);
  if (code === "request.invalid" || code === "request.unprocessable") assert.ok(Object.keys(errors).length > 0, shown);
  for (const sentences of Object.values(errors ?? {})) {
    assert.ok(Array.isArray(sentences) && sentences.length > 0 && sentences.every((one) => typeof one === "string"), shown);
  }
  if (op) assert.ok(declaredErrors(op).includes(code), `${op.operationId} does not declare ${code}: ${shown}`);
};

/** Checks what every answer of an operation must be: JSON where there is a body, a refusal that the operation declares. */
export const assertDeclared = (method: string, path: string, answer: Answer): void => {
  const op = operationOf(method, path);
  if (!op || answer.body === "") return;
  const type = String(answer.headers["content-type"]);
  if (answer.status < 400) {
    assert.equal(answer.status, op.success.status, op.operationId);
    assert.equal(type, "application/json; charset=utf-8", op.operationId);
    assertShape(op, method, answer.body);
    return;
  }
  assert.ok(
    declaredErrors(op).includes(answer.body.code),
    `${op.operationId} answered ${answer.status} ${answer.body.code}, which it does not declare`,
  );
};

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
ajv.addVocabulary(["example"]);
for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format.test);
const shapes = new Map<string, ValidateFunction>();

/** The server writes bodies as they are: here each is held against the schema that the contract gives for it. */
const assertShape = (op: Operation, method: string, body: unknown): void => {
  const { schema, rows } = op.success;
  if (!schema || method === "HEAD") return;
  let fits = shapes.get(op.operationId);
  if (!fits) {
    fits = ajv.compile(rows ? { anyOf: [schema, { type: "array", items: schema }] } : schema);
    shapes.set(op.operationId, fits);
  }
  assert.ok(fits(body), `${op.operationId} answered what its schema does not say: ${ajv.errorsText(fits.errors)}`);
};
