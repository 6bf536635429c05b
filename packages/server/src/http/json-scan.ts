import type { Operation } from "@gatehouse-aaa/contract";
import { DomainError } from "../kernel/errors.ts";

/** Bytes of a body that is one object, and of one that is an array of rows. */
export const maxBodyBytes = 1024 * 1024;
export const maxRowsBytes = 8 * 1024 * 1024;
/** Objects and lists inside one another. What merges or writes JSON goes down by recursion, and the stack has an end. */
export const maxDepth = 100;
/** Rows of one array body. More of them answer 413 like too many bytes. */
export const maxRows = 1_000;
/** Fields and entries of a body together: a parser makes an object of each, and the widest record has some fifty. */
export const maxValues = 250_000;

/** The size limit of an operation's raw body in bytes. */
export const bodyLimit = (op: Operation): number => (op.rows === undefined ? maxBodyBytes : maxRowsBytes);

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Looks a JSON text through as it arrives, before any of it is parsed, and throws as soon as it has too many bytes, levels,
 * rows or values. One pass that keeps nothing; whether the text is JSON at all is the parser's question.
 */
export class JsonScan {
  readonly #operation: Operation | undefined;
  readonly #limit: number;
  #bytes = 0;
  #depth = 0;
  #values = 0;
  #rows = 1;
  #opener: number | undefined;
  #isInString = false;
  #isEscaped = false;
  /** The fields of all objects together, each counted as often as it stands there. */
  fields = 0;

  constructor(operation: Operation | undefined) {
    this.#operation = operation;
    this.#limit = operation === undefined ? maxRowsBytes : bodyLimit(operation);
  }

  feed(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) this.#isInString = false;
      } else if (byte > 0x20) this.#token(byte);
    }
    if (this.#bytes > this.#limit) throw tooLarge(`A body of this operation may have at most ${this.#limit} bytes.`);
    if (this.#bytes > maxBodyBytes && this.#opener !== openList) {
      throw tooLarge(`A body may have at most ${maxBodyBytes} bytes; only arrays of rows may have more.`);
    }
  }

  #token(byte: number): void {
    this.#opener ??= byte;
    if (byte === quote) this.#isInString = true;
    else if (byte === colon) this.fields += 1;
    else if (byte === comma) this.#countComma();
    else if (byte === openList || byte === openObject) {
      this.#depth += 1;
      this.#countValue();
      if (this.#depth > maxDepth) {
        throw new DomainError("request.malformed", `The body has more than ${maxDepth} levels of objects and lists.`);
      }
    } else if (byte === closeList || byte === closeObject) this.#depth -= 1;
  }

  #countComma(): void {
    this.#countValue();
    if (this.#depth !== 1 || this.#opener !== openList || this.#operation?.rows === undefined) return;
    this.#rows += 1;
    if (this.#rows > maxRows) throw tooLarge(`An array may have at most ${maxRows} rows; this one has more.`);
  }

  #countValue(): void {
    this.#values += 1;
    if (this.#values > maxValues) throw tooLarge(`A body may have at most ${maxValues} fields and entries.`);
  }
}

/** The scan of a text that is there as a whole. */
export const scanned = (raw: Uint8Array, operation: Operation | undefined): JsonScan => {
  const scan = new JsonScan(operation);
  scan.feed(raw);
  return scan;
};

const tooLarge = (sentence: string): DomainError => new DomainError("body.too_large", sentence);
