import type { Operation } from "@gatehouse-aaa/contract";
import type { Static, TObject, TSchema } from "typebox";
import type { Caller } from "../kernel/caller.ts";
import type { FieldFaults } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/version.ts";
import type { Address } from "./address.ts";

type Typed<S> = S extends TSchema ? Static<S> : Record<string, never>;
type BodyOf<O extends Operation> = O["body"] extends TSchema
  ? O["rows"] extends "required"
    ? Static<O["body"]>[]
    : O["rows"] extends "allowed"
      ? Static<O["body"]> | Static<O["body"]>[]
      : Static<O["body"]>
  : undefined;

/** A request that passed authentication, scope and validation, as a handler sees it. */
export interface Call<O extends Operation = Operation> {
  readonly operationId: string;
  readonly caller: Caller;
  readonly params: Typed<O["params"] extends TObject ? O["params"] : never>;
  readonly query: Typed<O["query"] extends TObject ? O["query"] : never>;
  readonly body: BodyOf<O>;
  /** True when the body is a JSON merge patch (RFC 7396). */
  readonly isMergePatch: boolean;
  readonly precondition: Precondition;
  /** The absolute URL that was asked for, for the links of a list. */
  readonly url: Address;
}

/** What a handler answers; the status is the operation's. */
export interface Answer {
  readonly body?: unknown;
  /** The strong entity tag of the record, quotes included. */
  readonly etag?: string;
  /** Where a created record can be read, below the base path. */
  readonly location?: string;
}

/** Looks a request through for faulty fields without doing anything: what it finds is told beside the schema's faults. */
export type Judge = (call: Call) => Promise<FieldFaults>;

export interface Route {
  readonly operation: Operation;
  readonly handle: (call: Call) => Promise<Answer>;
  readonly judge?: Judge;
}

/**
 * Binds a handler to its operation, typed by the operation's schemas. `judge` is asked only when the schema found faults,
 * with the faulty fields taken out of the body, so that one answer names those that other records decide as well.
 */
export const bind = <const O extends Operation>(
  operation: O,
  handle: (call: Call<O>) => Promise<Answer>,
  judge?: (call: Call<O>) => Promise<FieldFaults>,
): Route => ({
  operation,
  handle: handle as unknown as (call: Call) => Promise<Answer>,
  ...(judge ? { judge: judge as unknown as Judge } : {}),
});
