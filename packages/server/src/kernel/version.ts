import { DomainError } from "./errors.ts";

/**
 * The entity tag of a record: `"<id>.<version>"`, followed by what else its view depends on. Versions count the
 * changes of a record, burned time and logins aside.
 */
export const versionTag = (record: string, version: number, ...view: readonly (string | number)[]): string =>
  view.length === 0 ? `"${record}.${version}"` : `"${record}.${version}.${view.join(".")}"`;

/** The condition of an `If-Match` header: undefined when there is none, `any` for `*`. */
export type Precondition = undefined | "any" | readonly string[];

/** Throws 412 unless the precondition holds for the record's current version: any view's current tag satisfies it. */
export const requireVersion = (precondition: Precondition, record: string, version: number): void => {
  if (precondition === undefined || precondition === "any") return;
  const current = `"${record}.${version}`;
  if (precondition.some((tag) => tag === `${current}"` || tag.startsWith(`${current}.`))) return;
  throw new DomainError("record.version_mismatch", "The record has changed since the version in If-Match. Read it again.");
};
