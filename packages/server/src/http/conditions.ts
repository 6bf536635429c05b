import type { IncomingHttpHeaders } from "node:http";
import { conditional, type Operation } from "@gatehouse-aaa/contract";
import { DomainError } from "../kernel/errors.ts";
import type { NamedVersions, Precondition } from "../kernel/precondition.ts";

/**
 * Reads the conditions of a request (RFC 9110 §13). Changes of one record honour `If-Match` and `If-None-Match`; every other
 * write refuses them, because a client that sends one relies on it. Every write refuses dates: records have no
 * `Last-Modified` to compare them with.
 */
export const readPrecondition = (operation: Operation, headers: IncomingHttpHeaders): Precondition => {
  for (const name of ["if-unmodified-since", "if-modified-since"] as const) {
    if (headers[name] !== undefined) throw refused(name, "Records have no Last-Modified: send If-Match with a tag from ETag.");
  }
  const match = headers["if-match"];
  const noneMatch = headers["if-none-match"];
  if (match === undefined && noneMatch === undefined) return undefined;
  if (!conditional(operation)) {
    const name = match === undefined ? "if-none-match" : "if-match";
    throw refused(name, "It belongs to PUT, PATCH and DELETE of one record; no other write takes it.");
  }
  return {
    // A weak tag never matches strongly (§8.8.3.2), so it is left out.
    ...(match === undefined ? {} : { match: readVersions("if-match", match, (tag) => !tag.startsWith("W/")) }),
    ...(noneMatch === undefined ? {} : { noneMatch: withoutMarks(readVersions("if-none-match", noneMatch)) }),
  };
};

/** Whether a read answers 304, by its conditions. Throws 412 where `If-Match` names no current version. */
export const isUnchanged = (headers: IncomingHttpHeaders, etag: string | undefined): boolean => {
  const match = headers["if-match"];
  const noneMatch = headers["if-none-match"];
  if (match !== undefined) {
    const versions = readVersions("if-match", match);
    if (versions !== "any" && (etag === undefined || !versions.includes(etag))) {
      throw new DomainError("record.version_mismatch", "The record has no version that If-Match names.");
    }
  }
  if (noneMatch === undefined) return false;
  const versions = readVersions("if-none-match", noneMatch);
  return versions === "any" || (etag !== undefined && withoutMarks(versions).includes(etag));
};

const withoutMarks = (versions: NamedVersions): NamedVersions =>
  versions === "any" ? versions : versions.map((tag) => (tag.startsWith("W/") ? tag.slice(2) : tag));

/** One entity tag of a list, with the separators before it. */
const nextTag = /[ \t,]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;

const readVersions = (name: string, header: string, isWanted: (tag: string) => boolean = () => true): NamedVersions => {
  if (header.trim() === "*") return "any";
  const tags: string[] = [];
  const text = header.replace(/[ \t,]+$/, "");
  nextTag.lastIndex = 0;
  while (nextTag.lastIndex < text.length || text === "") {
    const tag = nextTag.exec(text)?.[1];
    if (tag === undefined) throw refused(name, 'Send * or a list of entity tags in quotes, such as "42.7".');
    tags.push(tag);
  }
  return tags.filter(isWanted);
};

const headerNames: Record<string, string> = {
  "if-match": "If-Match",
  "if-none-match": "If-None-Match",
  "if-modified-since": "If-Modified-Since",
  "if-unmodified-since": "If-Unmodified-Since",
};

const refused = (name: string, sentence: string): DomainError =>
  new DomainError("request.malformed", `${headerNames[name]} is not accepted as it was sent. ${sentence}`);
