import { type TProperties, Type } from "typebox";

/** Notes that a schema carries for the reader of the documentation. */
export type Notes = {
  description: string;
  example?: unknown;
};

/** An object that takes no key beyond those named: a typing error in a field name must never be dropped in silence. */
export const closed = <P extends TProperties>(properties: P, notes: { description?: string; example?: unknown } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...notes });

export const text = (notes: Notes, maxLength = 255) => Type.String({ maxLength, ...notes });

export const requiredText = (notes: Notes, maxLength = 255) => Type.String({ minLength: 1, maxLength, ...notes });

export const nullableText = (notes: Notes, maxLength = 255) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], maxLength, ...notes });

/** A string of a named format (see formats.ts) or null; the empty string stands for null. */
export const nullableFormat = (format: string, notes: Notes, maxLength = 255) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], maxLength, format, ...notes });

export const flag = (notes: Notes) => Type.Boolean(notes);

export const nullableFlag = (notes: Notes) => Type.Unsafe<boolean | null>({ type: ["boolean", "null"], ...notes });

export const id = (description: string, example = 42) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, example });

/** What the server answers for an instant: UTC to the second. */
export const instant = (description: string, example = "2024-01-15T10:30:00Z") => Type.String({ description, example });

export const nullableInstant = (description: string, example: string | null = "2024-01-20T14:25:00Z") =>
  Type.Unsafe<string | null>({ type: ["string", "null"], description, example });

/** A field that the answer shows and a request may carry back unread, so that what GET gave can be PUT. */
export const readOnly = (description: string) =>
  Type.Optional(Type.Unsafe<unknown>({ readOnly: true, description: `Read-only. ${description}` }));

/** A JSON object of free content; the server bounds its size to 64 KiB. */
export const jsonObject = (notes: Notes) => Type.Unsafe<Record<string, unknown>>({ type: "object", additionalProperties: true, ...notes });

/** An organization in a body: its id, as integer or numeric string, or its slug. */
export const organizationReference = (notes: { description?: string } = {}) =>
  Type.Unsafe<number | string>({
    type: ["integer", "string"],
    minimum: 1,
    minLength: 1,
    maxLength: 255,
    description: notes.description ?? "The organization: its id (an integer or a string of digits) or its slug.",
    example: "engineering",
  });

/** Makes a patch schema: the same fields, none of them required. */
export const optionalFields = <P extends TProperties>(properties: P) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])) as {
    [K in keyof P]: ReturnType<typeof Type.Optional<P[K]>>;
  };
