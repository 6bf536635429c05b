import type { Operation } from "@gatehouse-aaa/contract";
import type { Static, TObject, TSchema } from "typebox";
import type { Caller } from "../kernel/caller.ts";
import type { FieldFaults } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/precondition.ts";
import type { Address } from "./public-address.ts";

type Typed<S> = S extends TSchema ? Static<S> : Record<string, never>;
type BodyOf<O extends Operation> = O["body"] extends TSchema
  ? O["rows"] extends "required"
    ? Static<O["body"]>[]
    : O["rows"] extends "allowed"
      ? Static<O["body"]> | Static<O["body"]>[]
      : Static<O["body"]>
  : undefined;

/** A request that passed authentication, permission and validation, as a handler sees it. */
export interface Call<O extends Operation = Operation> {
  readonly operationId: string;
  readonly caller: Caller;
  readonly params: Typed<O["params"] extends TObject ? O["params"] : never>;
  readonly query: Typed<O["query"] extends TObject ? O["query"] : never>;
  readonly body: BodyOf<O>;
  /**
   * The fields that the schema refuses; the body lacks them. Only a route that checks faulty bodies gets such a call. Its handler writes
   * nothing and throws these faults together with those that other records decide.
   */
  readonly faults: FieldFaults | undefined;
  /** True when the body is a JSON merge patch (RFC 7396). */
  readonly isMergePatch: boolean;
  readonly precondition: Precondition;
  /** The absolute URL of the request, for the links of a list. */
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

export interface Route {
  readonly operation: Operation;
  readonly handle: (call: Call) => Promise<Answer>;
  /** Whether the handler takes calls with faults, so that one answer names every fault of a body. */
  readonly checksFaultyBodies: boolean;
}

/** Binds a handler to its operation, typed by the operation's schemas. */
export const bind = <const O extends Operation>(operation: O, handle: (call: Call<O>) => Promise<Answer>): Route => ({
  operation,
  handle: handle as unknown as (call: Call) => Promise<Answer>,
  checksFaultyBodies: false,
});

/** Binds a handler that also takes calls with faults. It hands them to a service that refuses them before its unit of work. */
export const bindChecking = <const O extends Operation>(operation: O, handle: (call: Call<O>) => Promise<Answer>): Route => ({
  ...bind(operation, handle),
  checksFaultyBodies: true,
});

/** The rows of a body that is one object or several, each with the prefix of its fields in refusals. */
export const rowsOf = <Body>(body: Body | Body[]): { rows: { prefix: string; body: Body }[]; isArray: boolean } =>
  Array.isArray(body)
    ? { rows: body.map((row, index) => ({ prefix: `${index}.`, body: row })), isArray: true }
    : { rows: [{ prefix: "", body }], isArray: false };
