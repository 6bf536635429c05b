import type { Compilable } from "kysely";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Handle } from "./database.ts";
import { listContents, listParameter } from "./in-list.ts";
import { type Plan, runnerOf } from "./statements.ts";
import type { Tables } from "./tables.ts";
import { wallOf } from "./tenant-wall.ts";

/** Stands in a query's text for the parameter of this position while the text is made. */
class Placeholder {
  readonly position: number;
  constructor(position: number) {
    this.position = position;
  }
}

interface Template extends Plan {
  /** The values in the order of the text: fixed ones, and stand-ins for parameters. */
  readonly values: readonly unknown[];
}

/** Rows that are there at once where the database lies in this process; await them in any case. */
export type Rows<Row> = readonly Row[] | Promise<readonly Row[]>;

type Build<Parameters extends readonly unknown[], Row> = (handle: Handle, ...parameters: Parameters) => Compilable<Row>;

/**
 * A read whose text is made once for each database and then run with new parameters. Building a query costs ten times
 * as much as running it where a point read takes microseconds.
 * `build` is called with stand-ins: it must hand each parameter to the query as a value and look at none.
 */
export const prepared = <Parameters extends readonly unknown[], Row>(
  build: Build<Parameters, Row>,
): ((handle: Handle, ...parameters: Parameters) => Rows<Row>) => {
  const templateOf = templates(reading(build));
  return (handle, ...parameters) => {
    const runner = runnerOf(handle);
    const template = templateOf(handle, runner.owner, parameters);
    return runner.read<Row>(template, fill(template, parameters));
  };
};

/** A read that locks its rows until the unit ends, made once like `prepared`. */
export const preparedLock = <Parameters extends readonly unknown[], Row>(
  build: Build<Parameters, Row>,
): ((handle: Handle, ...parameters: Parameters) => Rows<Row>) => {
  const templateOf = templates(build);
  return (handle, ...parameters) => {
    const runner = runnerOf(handle);
    const template = templateOf(handle, runner.owner, parameters);
    return runner.lock<Row>(template, fill(template, parameters));
  };
};

/** A write that tells of its rows, made once like `prepared`: it happens at once, in the unit's transaction. */
export const preparedReturning = preparedLock;

/** A write of one table, made once like `prepared`. What it does to how many rows must not matter to the unit. */
export const preparedWrite = <Parameters extends readonly unknown[]>(
  table: keyof Tables & string,
  build: Build<Parameters, unknown>,
): ((handle: Handle, ...parameters: Parameters) => void | Promise<void>) => {
  const templateOf = templates(build, table);
  return (handle, ...parameters) => {
    const runner = runnerOf(handle);
    const template = templateOf(handle, runner.owner, parameters);
    return runner.write(template, fill(template, parameters));
  };
};

/** Texts kept of one shaped query; what comes in more shapes is made anew. Steps on the way to them, some of which lead to none. */
const mostShapes = 300;
const mostSteps = 20_000;

/**
 * A way through inputs by their parts; at its end stands the text of their shape. A string of all parts, put together for each
 * query, cost 4 µs.
 */
class ShapeStep {
  template: Template | undefined;
  readonly #next = new Map<string, ShapeStep>();

  /** The step that a part leads to. `counted` counts the steps of one query. */
  to(part: string, counted: { steps: number }): ShapeStep {
    let step = this.#next.get(part);
    if (!step) {
      step = new ShapeStep();
      // A step that is not kept leads to nothing that is: its text is made for this once.
      if (counted.steps < mostSteps) {
        counted.steps += 1;
        this.#next.set(part, step);
      }
    }
    return step;
  }
}

/**
 * A read with optional parts: its text is made once for each shape of its input. Numbers, strings and null are
 * parameters, and so is a list of two or more; which fields there are, whether a list has none or one, and booleans are the shape.
 * `build` gets the scope and the input with stand-ins for all parameters, and must look at none.
 */
export const shaped = <Input extends object, Row>(
  build: ShapedBuild<Input, Row>,
): ((handle: Handle, scope: TenantScope | null, input: Input, duration?: "short" | "long") => Rows<Row>) => {
  const planOf = shapedTemplates(reading(build));
  return (handle, scope, input, duration = "short") => {
    const { template, values } = planOf(handle, scope, input);
    const runner = runnerOf(handle);
    return duration === "long" ? runner.readLong<Row>(template, values, scope?.payer) : runner.read<Row>(template, values);
  };
};

/** A write of one table with optional parts, made like `shaped`; there, too, booleans are part of the shape. */
export const shapedWrite = <Input extends object>(
  table: keyof Tables & string,
  build: ShapedBuild<Input, unknown>,
): ((handle: Handle, scope: TenantScope | null, input: Input) => void | Promise<void>) => {
  const planOf = shapedTemplates(build, table);
  return (handle, scope, input) => {
    const { template, values } = planOf(handle, scope, input);
    return runnerOf(handle).write(template, values);
  };
};

/** A write with optional parts that tells of its rows, made like `shaped`: it happens at once, in the unit's transaction. */
export const shapedReturning = <Input extends object, Row>(
  build: ShapedBuild<Input, Row>,
): ((handle: Handle, scope: TenantScope | null, input: Input) => Rows<Row>) => {
  const planOf = shapedTemplates(build);
  return (handle, scope, input) => {
    const { template, values } = planOf(handle, scope, input);
    return runnerOf(handle).lock<Row>(template, values);
  };
};

/** Reads run outside of the unit's transaction where nothing ties them to it: a write among them would not be undone. */
const reading = <Row, MakeQuery extends (...parameters: never) => Compilable<Row>>(build: MakeQuery): MakeQuery =>
  ((...parameters: never) => {
    const query = build(...parameters);
    const { sql: text } = query.compile();
    if (!text.startsWith("select ")) throw new Error(`This is no plain read: ${text}`);
    return query;
  }) as MakeQuery;

type ShapedBuild<Input, Row> = (handle: Handle, scope: TenantScope | null, input: Input) => Compilable<Row>;

const shapedTemplates = <Input extends object>(build: ShapedBuild<Input, unknown>, table?: keyof Tables & string) => {
  const byOwner = new WeakMap<object, { readonly start: ShapeStep; steps: number; templates: number }>();
  return (handle: Handle, scope: TenantScope | null, input: Input): { template: Template; values: unknown[] } => {
    const { owner } = runnerOf(handle);
    let known = byOwner.get(owner);
    if (!known) {
      known = { start: new ShapeStep(), steps: 0, templates: 0 };
      byOwner.set(owner, known);
    }
    const wall = wallOf(scope);
    const flat: unknown[] = [...wall.values];
    const end = walk(input, flat, known.start.to(wall.shape, known), known);
    let { template } = end;
    if (!template) {
      let position = 0;
      const next = () => new Placeholder(position++) as never;
      template = templateFrom(build(handle, wall.standIn(next), standInFor(input, next)), table);
      if (known.templates < mostShapes) {
        known.templates += 1;
        end.template = template;
      }
    }
    return { template, values: fill(template, flat) };
  };
};

/** However long, a list is one parameter; what its first entry is decides the text. */
const shapeOfList = ([first]: readonly unknown[]): string => {
  if (typeof first !== "object" || first === null) return `[${typeof first}`;
  let shape = "[{";
  for (const name in first) shape += `${name}:${typeof (first as Record<string, unknown>)[name]},`;
  return shape;
};

/** Appends a value's parameters, and goes the way of its shape from a step. */
const walk = (value: unknown, flat: unknown[], from: ShapeStep, counted: { steps: number }): ShapeStep => {
  if (value === undefined) return from;
  if (typeof value === "boolean") return from.to(value ? "=true" : "=false", counted);
  if (typeof value !== "object" || value === null) {
    flat.push(value);
    return from.to("=", counted);
  }
  if (Array.isArray(value) && value.length > 1) {
    flat.push(listContents(value));
    return from.to(shapeOfList(value), counted);
  }
  let step = from.to("{", counted);
  for (const name in value) step = walk((value as Record<string, unknown>)[name], flat, step.to(name, counted), counted);
  return step.to("}", counted);
};

const standInFor = <Value>(value: Value, next: () => never): Value => {
  if (value === undefined || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return next();
  if (Array.isArray(value) && value.length > 1) return listParameter(value, next()) as Value;
  if (Array.isArray(value)) return value.map((entry) => standInFor(entry, next)) as Value;
  const entries: [string, unknown][] = [];
  for (const name in value) entries.push([name, standInFor(value[name], next)]);
  return Object.fromEntries(entries) as Value;
};

const templates = <Parameters extends readonly unknown[], Row>(build: Build<Parameters, Row>, table?: keyof Tables & string) => {
  const byOwner = new WeakMap<object, Template>();
  return (handle: Handle, owner: object, { length }: Parameters): Template => {
    let template = byOwner.get(owner);
    if (!template) {
      const standIns = Array.from({ length }, (_, position) => new Placeholder(position)) as unknown as Parameters;
      template = templateFrom(build(handle, ...standIns), table);
      byOwner.set(owner, template);
    }
    return template;
  };
};

const templateFrom = (query: Compilable<unknown>, table?: keyof Tables & string): Template => {
  const { sql: text, parameters } = query.compile();
  return { text, values: parameters, ...(table === undefined ? {} : { table }) };
};

const fill = ({ values }: Template, parameters: readonly unknown[]): unknown[] =>
  values.map((value) => (value instanceof Placeholder ? parameters[value.position] : value));
