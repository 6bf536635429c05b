import { type Document, proseOf } from "./document-rules.ts";

/** A word of our own that documents do not use, and the word of the field that stands in its place. */
interface RetiredWord {
  readonly pattern: RegExp;
  readonly instead: string;
}

export const retiredWords: readonly RetiredWord[] = [
  { pattern: /\bdoors?\b/i, instead: "listener, or source of a decision" },
  { pattern: /\bname spaces?\b/i, instead: "namespace" },
  { pattern: /\bburn(?:s|ed|t|ing)?\b/i, instead: "debit" },
  { pattern: /\bslots?\b/i, instead: "reservation" },
  { pattern: /\breapers?\b/i, instead: "stale-session job" },
  { pattern: /\bfates?\b/i, instead: "outcome" },
  { pattern: /\begress\b/i, instead: "dynamic authorization" },
  { pattern: /\bturnstiles?\b/i, instead: "queue for hashing" },
  { pattern: /\bat hand\b/i, instead: "in memory" },
  { pattern: /\bthe house\b/i, instead: "Gatehouse, or the code" },
];

/** Documents that may use them, each with its reason. */
export const whereRetired: Readonly<Record<string, string>> = {
  "docs/glossary.md": "says which words to avoid",
  "docs/decisions/0015-order-of-locks.md": "names locks as the code does, until the code has the new names",
  "docs/reference/performance.md": "keeps the names of the last measurement until the next one",
};

/** Retired words in prose; names of the code stand in backticks. */
export const retiredWordsIn = (documents: readonly Document[], exempt: Readonly<Record<string, string>> = whereRetired): string[] =>
  documents
    .filter(({ path }) => !(path in exempt))
    .flatMap(({ path, text }) => {
      const prose = proseOf(text).replaceAll(/`[^`\n]*`|\]\([^)\s]*\)/g, " ");
      return retiredWords.flatMap(({ pattern, instead }) => {
        const found = pattern.exec(prose);
        return found ? [`${path} says "${found[0]}"; say ${instead}`] : [];
      });
    });
