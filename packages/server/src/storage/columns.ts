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

/** A stored value cannot be read, because of a damaged disk or a lost key. Its message does not quote the value. */
export class DamagedValue extends Error {
  override readonly name = "DamagedValue";
}

/** Reads a JSON column. Most lists and objects of accounts are empty: those are one frozen value each. Throws DamagedValue. */
export const readJson = <T>(text: string): T => (text === "[]" ? emptyList : text === "{}" ? emptyObject : parse(text)) as T;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedValue("A stored value is no JSON.");
  }
};

const emptyList: readonly never[] = Object.freeze([]);
const emptyObject: Readonly<Record<string, never>> = Object.freeze({});

/** Writes a JSON column. */
export const writeJson = (value: unknown): string => JSON.stringify(value);
