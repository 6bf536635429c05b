import { RE2JS } from "re2js";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { sizeOfPattern } from "./pattern-size.ts";

/** A regular expression of a check attribute, and its size. */
export interface AttributePattern {
  /** Instructions: with a text's length they say what a match costs at most. */
  readonly size: number;
  /** Whether it fits a text; undefined where the engine cannot read it. */
  readonly fits: (value: string) => boolean | undefined;
}

/** Instructions of one pattern: a hardware address in all of its spellings takes sixty. */
export const largestPattern = 250;

const remembered = 5_000;
const compiled = new BoundedCache<string, RE2JS | "unreadable">(remembered);

/** RE2 knows neither look-around nor back-references. */
const compile = (pattern: string): RE2JS | "unreadable" => {
  let engine = compiled.get(pattern);
  if (engine === undefined) {
    try {
      engine = RE2JS.compile(pattern);
    } catch {
      engine = "unreadable";
    }
    compiled.set(pattern, engine);
  }
  return engine;
};

/**
 * Reads a pattern, by an engine whose time grows with the text alone: an operator's pattern and a stranger's attribute
 * together must not be able to hold the event loop. Undefined where it is too large. It is compiled at its first match, for an
 * account may carry many.
 */
export const readPattern = (pattern: string): AttributePattern | undefined => {
  const size = sizeOfPattern(pattern);
  if (size > largestPattern) return undefined;
  return {
    size,
    fits(value) {
      const engine = compile(pattern);
      // With its groups `find` ticks off places on a map of size times length; without them it would build automata of 8 MB each.
      return engine === "unreadable" ? undefined : engine.matcher(value).find();
    },
  };
};

/** What a pattern takes of what a profile's patterns may take together, and why it cannot be saved where it cannot. */
export const judgePattern = (pattern: string): { readonly size: number; readonly fault?: string } => {
  const size = sizeOfPattern(pattern);
  if (size > largestPattern) {
    const parts = size > 1_000_000 ? "over a million" : String(size);
    return { size, fault: `With its repetitions written out this regular expression has ${parts} parts; it may have ${largestPattern}.` };
  }
  if (compile(pattern) !== "unreadable") return { size };
  return { size, fault: "Enter a regular expression as RE2 reads it: without look-around and back-references." };
};
