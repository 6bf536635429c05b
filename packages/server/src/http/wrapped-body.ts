import type { Operation } from "@gatehouse-aaa/contract";
import type { Static, TSchema } from "typebox";
import { DomainError, invalidField, invalidFields } from "../kernel/errors.ts";
import { readJsonBody } from "./json-body.ts";
import { bodyCheck } from "./validation.ts";

/** The fields of a request, and where they were. */
export interface Unwrapped<Inner> {
  readonly inner: Inner;
  readonly where: "body" | "data";
}

/**
 * Reads the bodies of apps in all of their forms: the fields in `data`, as a JSON string or as an object, or unwrapped. Throws their
 * faults as 400. A field has the same name in every form.
 */
export const wrappedBodyReader = <S extends TSchema>(operation: Operation, schema: S) => {
  const checkInner = bodyCheck({ ...operation, body: schema });

  const check = (inner: unknown): Static<S> => {
    const invalid = checkInner(inner);
    if (invalid) throw invalidFields(invalid.faults);
    return inner as Static<S>;
  };

  return (body: { readonly data?: unknown }): Unwrapped<Static<S>> => {
    const { data, ...unwrapped } = body;
    if (data === undefined) return { inner: check(unwrapped), where: "body" };
    if (Object.keys(unwrapped).length > 0) throw invalidField("data", "Give either data or the fields themselves, not both.");
    const inner = typeof data === "string" ? parseData(data, operation) : data;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) throw invalidField("data", "Must hold one JSON object.");
    return { inner: check(inner), where: "data" };
  };
};

/** Reads the string like a body of the operation: what cannot be stored is refused. */
const parseData = (text: string, operation: Operation): unknown => {
  try {
    return readJsonBody(Buffer.from(text), operation);
  } catch (error) {
    throw error instanceof DomainError && !error.fields
      ? invalidField("data", error.message.replace("The body is not valid JSON", "Is not valid JSON"))
      : error;
  }
};
