import { DomainError, invalidField } from "./kernel/errors.ts";
import { ConstraintViolation, DatabaseUnavailable } from "./storage/database.ts";

/** The refusal that each unique constraint stands for: met only when two requests race past the checks. */
export const refusals: Readonly<Record<string, () => DomainError>> = {
  organization__slug: () => invalidField("slug", "This slug is taken."),
  aaa_profile__short_name: () => invalidField("short_name", "This short name is taken in the organization."),
  aaa_client__short_name: () => invalidField("short_name", "This short name is taken in the organization."),
  user_account__username: () => invalidField("username", "This username is taken."),
  user_account__external_id: () => invalidField("external_id", "Another account of the organization has this external id."),
  device__identifier: () => new DomainError("device.held_elsewhere", "Another request assigned this device at the same moment. Try again."),
  user_extra__parent: () => new DomainError("user_extra.already_exists", "The user already has an extra record."),
};

/** What storage throws, in the words of the error registry. */
export const constraintErrors = (error: unknown): DomainError | undefined => {
  if (error instanceof DatabaseUnavailable) {
    return new DomainError("server.unavailable", "The database cannot be reached or is busy. Try again in a moment.", { cause: error });
  }
  if (error instanceof ConstraintViolation && error.isReference) {
    return new DomainError("request.invalid", "A record that the request names was deleted a moment ago.", { cause: error });
  }
  if (error instanceof ConstraintViolation) return refusals[error.constraint]?.();
  return undefined;
};
