import type { IncomingMessage } from "node:http";
import { DomainError, type FieldFaults, invalidFields, noFaults } from "../kernel/errors.ts";
import { pathnameOf } from "./pages.ts";

/** Headers with one value. Of two Node keeps the first, while a proxy in front may have checked the last. */
const singleHeaders: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "content-type",
  "content-encoding",
  "content-length",
  "if-modified-since",
  "if-unmodified-since",
  "x-forwarded-prefix",
]);

/** Throws 400 when a header with one value is repeated. */
export const refuseRepeated = ({ rawHeaders }: IncomingMessage): void => {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) throw new DomainError("request.malformed", `The header ${rawHeaders[index]} may stand there once.`);
    seen.add(name);
  }
};

const sentence = "Is not percent-encoded UTF-8: after each % stand two hexadecimal digits, and a % itself is %25.";

const isWellFormed = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

/** Throws 400 naming the parameters that cannot be decoded. To replace what is malformed would search for something else. */
export const refuseMalformedQuery = (url: string): void => {
  const query = url.slice(url.indexOf("?") + 1 || url.length);
  if (isWellFormed(query)) return;
  const faults: FieldFaults = noFaults();
  for (const pair of query.split("&")) {
    if (isWellFormed(pair)) continue;
    const name = pair.split("=", 1)[0]!.replaceAll("+", " ");
    faults[isWellFormed(name) ? decodeURIComponent(name) : name] = [sentence];
  }
  throw invalidFields(faults);
};

/** The refusal of a URL that cannot be read, or of a path that cannot be decoded: it names the parameters of the template that the path fits. */
export const malformedPath = (url: string, templates: readonly string[]): DomainError | undefined => {
  if (!url.startsWith("/") && !(/^[a-z][a-z\d+.-]*:\/\/[^/?#]/i.test(url) && URL.canParse(url))) {
    return new DomainError("request.malformed", "The URL of the request line has no host, or a port above 65535.");
  }
  const segments = segmentsOf(pathnameOf(url));
  for (const template of templates) {
    const wanted = segmentsOf(template);
    if (wanted.length !== segments.length || !wanted.every((one, index) => one.startsWith("{") || one === segments[index])) continue;
    const faults: FieldFaults = noFaults();
    for (const [index, one] of wanted.entries()) if (!isWellFormed(segments[index]!)) faults[one.slice(1, -1)] = [sentence];
    return invalidFields(faults);
  }
  return undefined;
};

const segmentsOf = (path: string): string[] => path.replace(/\/$/, "").split("/");
