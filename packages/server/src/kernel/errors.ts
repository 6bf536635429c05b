import type { ErrorCode } from "@gatehouse-aaa/contract";

/** What is wrong with each faulty field, by its dotted name. */
export type FieldFaults = Record<string, string[]>;

/** Where faults are collected: without a prototype, for a client may name a field `toString`. */
export const noFaults = (): FieldFaults => Object.create(null) as FieldFaults;

/** A refusal by a business rule. It carries a code of the registry; whoever renders it knows the status. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  readonly fields: FieldFaults | undefined;
  /** After how many seconds trying again can help, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  /** `detail` is one sentence for the client, about this occurrence; it holds no secret. */
  constructor(code: ErrorCode, detail: string, options: { fields?: FieldFaults; cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Collects the faulty fields of a request, so that one answer names them all. */
export class Faults {
  readonly #fields = noFaults();
  readonly #code: ErrorCode;

  constructor(code: ErrorCode = "request.invalid") {
    this.#code = code;
  }

  add(field: string, sentence: string): void {
    this.#fields[field] ??= [];
    const sentences = this.#fields[field];
    if (!sentences.includes(sentence)) sentences.push(sentence);
  }

  /** The faults so far, by field. */
  get fields(): FieldFaults {
    return this.#fields;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#fields).length === 0;
  }

  /** Throws one DomainError that names every fault so far; does nothing when there is none. `others` replace what is said of the same fields. */
  throwIfAny(others?: FieldFaults): void {
    if (others) throw invalidFields(Object.assign(noFaults(), this.#fields, others), this.#code);
    if (!this.isEmpty) throw invalidFields(this.#fields, this.#code);
  }
}

/** The refusal for faulty fields; its sentence names the first of them. */
export const invalidFields = (fields: FieldFaults, code: ErrorCode = "request.invalid"): DomainError => {
  const [first, ...others] = Object.entries(fields);
  const more = others.length === 0 ? "" : ` (and ${others.length} more ${others.length === 1 ? "field" : "fields"})`;
  return new DomainError(code, first ? `${first[0]}: ${first[1].join(" ")}${more}` : "The request is not valid.", { fields });
};

export const invalidField = (field: string, sentence: string): DomainError => invalidFields({ [field]: [sentence] });
