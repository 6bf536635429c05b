/** The eight kinds that a column can be, and their types in a database. */
export interface ColumnTypes {
  readonly id: "bigint" | "integer";
  readonly text: "text";
  readonly integer: "bigint" | "integer";
  /** Octet counters: 64 bit, unsigned in meaning. */
  readonly octets: "bigint" | "integer";
  readonly boolean: "boolean";
  /** Milliseconds since 1970, from the application's clock. */
  readonly instant: "bigint" | "integer";
  /** JSON kept as text, byte for byte as it was written. */
  readonly json: "text";
  /** Hashes and ciphertext, never a secret itself. */
  readonly secret: "text";
}

/** Reads a JSON column. Most lists and objects of accounts are empty: those are one frozen value each. */
export const readJson = <T>(text: string): T => (text === "[]" ? emptyList : text === "{}" ? emptyObject : JSON.parse(text)) as T;

const emptyList: readonly never[] = Object.freeze([]);
const emptyObject: Readonly<Record<string, never>> = Object.freeze({});

/** Writes a JSON column. */
export const writeJson = (value: unknown): string => JSON.stringify(value);
