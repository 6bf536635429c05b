import { RE2JS } from "re2js";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";

/** A regular expression of a check attribute, and its size. */
export interface AttributePattern {
  /** Instructions: with a text's length they say what a match costs at most. */
  readonly size: number;
  /** Whether it fits a text; undefined where the engine cannot read it. */
  readonly fits: (value: string) => boolean | undefined;
}

/** Instructions of one pattern: a hardware address in all of its spellings takes sixty. */
export const maxPatternSize = 250;

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
  if (size > maxPatternSize) return undefined;
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
export const checkPattern = (pattern: string): { readonly size: number; readonly fault?: string } => {
  const size = sizeOfPattern(pattern);
  if (size > maxPatternSize) {
    const parts = size > 1_000_000 ? "over a million" : String(size);
    return { size, fault: `With its repetitions written out this regular expression has ${parts} parts; it may have ${maxPatternSize}.` };
  }
  if (compile(pattern) !== "unreadable") return { size };
  return { size, fault: "Enter a regular expression as RE2 reads it: without look-around and back-references." };
};

/**
 * The instructions that an engine makes of a regular expression at most, worked out from its text: counted repetitions are
 * written out, each inside the other, before anything could be measured. What the engine refuses has a size too.
 */
export const sizeOfPattern = (pattern: string): number => {
  const groups: Sizes[] = [];
  let tables = 0;
  let present: Sizes = { done: 0, last: 0 };
  const add = (size: number) => {
    present = { done: present.done + present.last, last: size };
  };
  for (let at = 0; at < pattern.length; ) {
    const token = tokenAt(pattern, at);
    at += token.length;
    const counted = counts.exec(token);
    if (flags.test(token)) continue;
    if (token.startsWith("(")) {
      groups.push(present);
      present = { done: 0, last: 0 };
    } else if (token === ")") {
      const inner = present.done + present.last;
      present = groups.pop() ?? { done: 0, last: 0 };
      add(inner + groupCost);
    } else if (counted) present.last = repeated(present.last, counted);
    else if ("*+?".includes(token)) present.last += 1;
    else {
      if (/^\\[pP]|^\[.*\\[pP]/s.test(token)) tables += 1;
      add(token === "|" ? 2 : literalLength(token));
    }
  }
  // A group that is left open is none that the engine reads, and has its size all the same.
  return [...groups, present].reduce((sum, { done, last }) => sum + done + last, frameCost + tables * tableCost);
};

/** What is done, and the last item by itself: what a repetition behind it repeats. */
interface Sizes {
  done: number;
  last: number;
}

const frameCost = 3;
const groupCost = 2;
/** A class of Unicode is a table of hundreds of ranges that it takes time to put together, once however often it is repeated. */
const tableCost = 10;

/** What only says how to read the rest. */
const flags = /^\(\?[a-zA-Z-]*\)$/;

const counts = /^\{(\d+)(?:,(\d*))?\}$/;

const repeated = (size: number, [, fewest, most]: RegExpExecArray): number => {
  const least = Number(fewest);
  if (most === undefined) return least * size;
  return most === "" ? (least + 1) * (size + 1) : Math.max(least, Number(most)) * (size + 1);
};

const literalLength = (token: string): number => (token.startsWith("\\Q") ? token.length : 1);

/** One item of a pattern: the beginning of a group, a class with all of its members, an escape, quoted text, a count, or a character. */
const token =
  /\(\?[a-zA-Z-]*\)|\(\?(?:P?<\w+>|[a-zA-Z-]*:)|\\Q.*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\[pP].|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|./suy;

const tokenAt = (pattern: string, at: number): string => {
  token.lastIndex = at;
  return token.exec(pattern)?.[0] ?? pattern[at]!;
};
