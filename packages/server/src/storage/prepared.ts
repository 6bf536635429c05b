import type { Compilable, CompiledQuery } from "kysely";
import type { Handle } from "./database.ts";

/** Stands in a query's text for the parameter of this position while the text is made. */
class Placeholder {
  readonly position: number;
  constructor(position: number) {
    this.position = position;
  }
}

/**
 * A query whose text is made once for each database and then run with new parameters. Building a query costs ten times
 * as much as running it where a point read takes microseconds, so the hottest reads are made of these.
 * `build` is called with stand-ins: it must hand each parameter to the query as a value and look at none.
 */
export const prepared = <Parameters extends readonly unknown[], Row>(
  build: (handle: Handle, ...parameters: Parameters) => Compilable<Row>,
): ((handle: Handle, ...parameters: Parameters) => Promise<Row[]>) => {
  // Handles come and go with their transactions; the adapter is one for each opened database.
  const plans = new WeakMap<object, { compiled: CompiledQuery<Row>; values: readonly unknown[] }>();
  return async (handle, ...parameters) => {
    const { adapter } = handle.getExecutor();
    let plan = plans.get(adapter);
    if (!plan) {
      const standIns = parameters.map((_, position) => new Placeholder(position)) as unknown as Parameters;
      const compiled = build(handle, ...standIns).compile();
      plan = { compiled: compiled as CompiledQuery<Row>, values: compiled.parameters };
      plans.set(adapter, plan);
    }
    const values = plan.values.map((value) => (value instanceof Placeholder ? parameters[value.position] : value));
    const result = await handle.executeQuery<Row>({ ...plan.compiled, parameters: values });
    return result.rows;
  };
};
