import { DomainError } from "../kernel/errors.ts";
import { DamagedValue } from "../storage/columns.ts";
import { ConstraintViolation, DatabaseUnavailable } from "../storage/database.ts";
import type { Declarations } from "./declarations.ts";

/** Says what storage throws in the words of the error registry. */
export const createErrorTranslation =
  (refusals: Declarations["refusals"]) =>
  (error: unknown): DomainError | undefined => {
    if (error instanceof DatabaseUnavailable) {
      return new DomainError("server.unavailable", "The database cannot be reached or is busy. Try again in a moment.", { cause: error });
    }
    if (error instanceof DamagedValue) {
      return new DomainError("record.damaged", "A record that the request needs cannot be read. The log of the server says more.", {
        cause: error,
      });
    }
    if (error instanceof ConstraintViolation && error.isReference) {
      return new DomainError("request.invalid", "A record that the request names was deleted a moment ago.", { cause: error });
    }
    if (error instanceof ConstraintViolation) return refusals[error.constraint]?.();
    return undefined;
  };
