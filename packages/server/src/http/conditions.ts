import { DomainError } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/version.ts";

/** Reads `If-Match` (RFC 9110 §13.1.1). Weak tags never match strongly, so they are left out of the list. */
export const readIfMatch = (header: string | undefined): Precondition => {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "any";
  const tags = header.match(/(?:W\/)?"[^"]*"/g);
  if (!tags) throw new DomainError("request.malformed", 'If-Match must be * or a list of entity tags in quotes, such as "42.7".');
  return tags.filter((tag) => !tag.startsWith("W/"));
};

/** Whether `If-None-Match` names the current tag (weak comparison, RFC 9110 §13.1.2). */
export const matchesNone = (header: string | undefined, etag: string | undefined): boolean => {
  if (header === undefined || etag === undefined) return false;
  if (header.trim() === "*") return true;
  const tags: readonly string[] = header.match(/"[^"]*"/g) ?? [];
  return tags.includes(etag);
};
