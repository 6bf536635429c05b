import type { Compilable } from "kysely";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Handle } from "./database.ts";
import { listContents, listParameter } from "./in-list.ts";
import type { Plan, TableName } from "./runner.ts";
import { wallOf } from "./tenant-wall.ts";

/** Stands in a query's text for the parameter of this position while the text is made. */
class Placeholder {
  readonly position: number;
  constructor(position: number) {
    this.position = position;
  }
}

/** The text of one shape of input. */
export interface StatementPlan extends Plan {
  /** Nothing is locked or written by it. */
  readonly isRead: boolean;
  /** The values in the order of the text: fixed ones, and placeholders for parameters. */
  readonly parameters: readonly unknown[];
  /** The parameters are the input's values as they come, so that nothing is put in order. */
  readonly isInOrder: boolean;
}

/** Texts kept of one statement; what comes in more shapes is made anew. Steps on the way to them, some of which lead to none. */
const maxPlans = 300;
const maxSteps = 20_000;

/** The plans of one statement for one database. */
interface KnownPlans {
  readonly start: ShapeStep;
  steps: number;
  plans: number;
}

/**
 * A way through inputs by their parts; at its end stands the plan of their shape. A string of all parts, put together for each
 * query, cost 4 µs.
 */
class ShapeStep {
  plan: StatementPlan | undefined;
  readonly #next = new Map<string, ShapeStep>();

  /** The step that a part leads to. */
  to(part: string, known: KnownPlans): ShapeStep {
    let step = this.#next.get(part);
    if (!step) {
      step = new ShapeStep();
      // A step that is not kept leads to nothing that is: its text is made for this once.
      if (known.steps < maxSteps) {
        known.steps += 1;
        this.#next.set(part, step);
      }
    }
    return step;
  }
}

type Build<Input, Row> = (handle: Handle, input: Input) => Compilable<Row>;

/**
 * A statement whose text is made once for each database and each shape of its input, and then run with new values by one of the
 * verbs. Building a query costs ten times as much as running it where a point read takes microseconds.
 * Numbers, strings and null are values, and so is a list of two or more. Which fields there are, whether a list has none or one, and
 * booleans are the shape. A field `scope` is the tenant wall: its ids are values.
 */
export class Statement<Input, Row> {
  readonly table: TableName | undefined;
  readonly #build: Build<Input, Row>;
  readonly #plansOf = new WeakMap<object, KnownPlans>();

  constructor(build: Build<Input, Row>, table: TableName | undefined) {
    this.#build = build;
    this.table = table;
  }

  /** The text for this input and its values in the order of the text. `owner` stands for the opened database. */
  bind(handle: Handle, owner: object, input: Input): { readonly plan: StatementPlan; readonly values: readonly unknown[] } {
    let known = this.#plansOf.get(owner);
    if (!known) {
      known = { start: new ShapeStep(), steps: 0, plans: 0 };
      this.#plansOf.set(owner, known);
    }
    const values: unknown[] = [];
    const end =
      typeof input === "object" ? takeFields(input as object, values, known.start, known) : take(input, values, known.start, known);
    const plan = end.plan ?? this.#makePlan(handle, input);
    if (!end.plan && known.plans < maxPlans) {
      known.plans += 1;
      end.plan = plan;
    }
    return { plan, values: plan.isInOrder ? values : inOrder(plan, values) };
  }

  #makePlan(handle: Handle, input: Input): StatementPlan {
    let position = 0;
    const next = () => new Placeholder(position++) as never;
    const { sql: text, parameters } = this.#build(handle, placeholdersIn(input, next)).compile();
    return {
      text,
      parameters,
      isRead: text.startsWith("select "),
      isInOrder:
        parameters.length === position && parameters.every((value, index) => value instanceof Placeholder && value.position === index),
      ...(this.table === undefined ? {} : { table: this.table }),
    };
  }
}

/** A statement that writes one table. */
export type WriteStatement<Input> = Statement<Input, unknown> & { readonly table: TableName };

interface MakeStatement {
  <Input, Row>(build: Build<Input, Row>): Statement<Input, Row>;
  /** `writes`: the table that a statement for `write` changes. */
  <Input>(build: Build<Input, unknown>, options: { readonly writes: TableName }): WriteStatement<Input>;
}

/** Makes a statement. `build` gets placeholders for all values: it hands them to the query and looks at none. */
export const statement: MakeStatement = <Input, Row>(build: Build<Input, Row>, options?: { readonly writes: TableName }) =>
  new Statement(build, options?.writes) as never;

const inOrder = ({ parameters }: StatementPlan, values: readonly unknown[]): unknown[] =>
  parameters.map((value) => (value instanceof Placeholder ? values[value.position] : value));

/** However long, a list is one value; what its first entry is decides the text. */
const shapeOfList = ([first]: readonly unknown[]): string => {
  if (typeof first !== "object" || first === null) return `[${typeof first}`;
  let shape = "[{";
  for (const name in first) shape += `${name}:${typeof (first as Record<string, unknown>)[name]},`;
  return shape;
};

/** Appends the values of an input's fields, and goes the way of its shape from a step: one step for each field with a single value. */
const takeFields = (input: object, values: unknown[], from: ShapeStep, known: KnownPlans): ShapeStep => {
  let step = from;
  for (const name in input) {
    const value = (input as Record<string, unknown>)[name];
    if (value === undefined) continue;
    step =
      name === "scope" ? takeScope(value as TenantScope | null, values, step, known) : take(value, values, step.to(name, known), known);
  }
  return step;
};

const take = (value: unknown, values: unknown[], from: ShapeStep, known: KnownPlans): ShapeStep => {
  if (typeof value === "boolean") return from.to(value ? "=true" : "=false", known);
  if (typeof value !== "object" || value === null) {
    values.push(value);
    return from;
  }
  if (Array.isArray(value) && value.length > 1) {
    values.push(listContents(value));
    return from.to(shapeOfList(value), known);
  }
  return takeFields(value, values, from.to("{", known), known).to("}", known);
};

const takeScope = (scope: TenantScope | null, values: unknown[], from: ShapeStep, known: KnownPlans): ShapeStep => {
  const wall = wallOf(scope);
  values.push(...wall.values);
  return from.to(wall.shape, known);
};

/** The same input with placeholders for its values, in the order in which they are taken. */
const placeholdersIn = <Value>(value: Value, next: () => never): Value => {
  if (value === undefined || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return next();
  if (Array.isArray(value) && value.length > 1) return listParameter(value, next()) as Value;
  if (Array.isArray(value)) return value.map((entry) => placeholdersIn(entry, next)) as Value;
  const fields: Record<string, unknown> = {};
  for (const name in value) {
    const field = value[name] as unknown;
    fields[name] = name === "scope" ? wallOf(field as TenantScope | null).standIn(next) : placeholdersIn(field, next);
  }
  return fields as Value;
};
