import { DomainError } from "./errors.ts";

/** What a condition names: any version of the record, or these tags, quotes included. */
export type NamedVersions = "any" | readonly string[];

/** On what a write depends: the record must have one of the versions in `match` and none of those in `noneMatch`. */
export type Precondition = undefined | { readonly match?: NamedVersions; readonly noneMatch?: NamedVersions };

/** Throws 412 unless the precondition holds for the record's current version: a tag of any view names it. */
export const requireVersion = (precondition: Precondition, record: string, version: number): void => {
  if (precondition === undefined) return;
  const { match, noneMatch } = precondition;
  if (match !== undefined && !names(match, record, version)) {
    throw new DomainError("record.version_mismatch", "The record has changed since the version in If-Match. Read it again.");
  }
  if (noneMatch !== undefined && names(noneMatch, record, version)) {
    throw new DomainError("record.version_mismatch", "The record has a version that If-None-Match excludes.");
  }
};

const names = (versions: NamedVersions, record: string, version: number): boolean => {
  if (versions === "any") return true;
  const current = `"${record}.${version}`;
  return versions.some((tag) => tag === `${current}"` || tag.startsWith(`${current}.`));
};
