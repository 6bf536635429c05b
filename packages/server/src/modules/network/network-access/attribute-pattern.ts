import { RE2JS } from "re2js";

/**
 * Reads a pattern, by an engine whose time grows with the text alone: an operator's pattern and a stranger's attribute
 * together must not be able to hold the event loop. Undefined where it cannot be read: RE2 knows neither look-around nor
 * back-references.
 */
export const readPattern = (pattern: string): ((value: string) => boolean) | undefined => {
  try {
    const compiled = RE2JS.compile(pattern);
    return (value) => compiled.matcher(value).find();
  } catch {
    return undefined;
  }
};
