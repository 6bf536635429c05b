import { DomainError, type FieldFaults, invalidFields, noFaults } from "../kernel/errors.ts";
import { pathnameOf } from "./pages.ts";

const sentence = "Is not percent-encoded UTF-8: after each % stand two hexadecimal digits, and a % itself is %25.";

const isWhole = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

/**
 * Throws 400 where the query of a URL has what is no percent-encoding, or encodes what is no UTF-8, naming its parameters: to
 * go on with other characters in their place would look for something that nobody asked for.
 */
export const refuseMalformedQuery = (url: string): void => {
  if (!url.includes("%")) return;
  const query = url.slice(url.indexOf("?") + 1 || url.length);
  if (isWhole(query)) return;
  const faults: FieldFaults = noFaults();
  for (const pair of query.split("&")) {
    if (isWhole(pair)) continue;
    const name = pair.split("=", 1)[0]!.replaceAll("+", " ");
    faults[isWhole(name) ? decodeURIComponent(name) : name] = [sentence];
  }
  throw invalidFields(faults);
};

/** The refusal of a URL that cannot be read, or of a path that cannot be decoded: by the parameters that are at fault in the template that it fits. */
export const malformedPath = (url: string, templates: readonly string[]): DomainError | undefined => {
  if (!url.startsWith("/") && !(/^[a-z][a-z\d+.-]*:\/\/[^/?#]/i.test(url) && URL.canParse(url))) {
    return new DomainError("request.malformed", "The URL of the request line has no host, or a port above 65535.");
  }
  const segments = segmentsOf(pathnameOf(url));
  for (const template of templates) {
    const wanted = segmentsOf(template);
    if (wanted.length !== segments.length || !wanted.every((one, index) => one.startsWith("{") || one === segments[index])) continue;
    const faults: FieldFaults = noFaults();
    for (const [index, one] of wanted.entries()) if (!isWhole(segments[index]!)) faults[one.slice(1, -1)] = [sentence];
    return invalidFields(faults);
  }
  return undefined;
};

const segmentsOf = (path: string): string[] => path.replace(/\/$/, "").split("/");
