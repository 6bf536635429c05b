/** A part of a JSON text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A number of a JSON text that reading it would change. */
interface ChangedNumber extends Span {
  /** The names and indexes that lead to it, with dots between them. */
  path(): string;
}

/** Finds a number of sixteen digits, one with an exponent, or a zero with a sign; no other number changes. Most bodies have none. */
export const mayChange = /(?:^|[\s:,[])(?:-?(?:[\d.]{16}|[\d.]{1,15}[eE])|-0(?:\.0*)?(?![\d.]))/;

/** The marks between which numbers stand, and the numbers themselves: what is neither is passed over. */
const nextMark = /["{}[\]:,]|[-\d][-+.\deE]*/g;
/** As many characters without an exponent hold no more digits than every double keeps. */
const alwaysKept = 15;

/**
 * The numbers of a JSON text that a double does not keep: integers beyond 2^53 that come back as others, decimals of
 * too many digits, what overflows to infinity or underflows to 0, and a zero that loses its sign. In the order of the text, and each to be looked at before
 * the next.
 */
export function* changedNumbers(text: string): Generator<ChangedNumber> {
  if (!mayChange.test(text)) return;
  /** Where the scan is: at each level the index in a list, or the key in an object. */
  const levels: (number | Span)[] = [];
  let lastString: Span = { start: 0, end: 0 };
  const marks = new RegExp(nextMark);
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const [token] = mark;
    const start = mark.index;
    switch (token) {
      case '"':
        lastString = { start, end: endOfString(text, start) };
        marks.lastIndex = lastString.end;
        break;
      case "{":
        levels.push(lastString);
        break;
      case "[":
        levels.push(0);
        break;
      case "}":
      case "]":
        levels.pop();
        break;
      case ":":
        levels[levels.length - 1] = lastString;
        break;
      case ",": {
        const index = levels.at(-1);
        if (typeof index === "number") levels[levels.length - 1] = index + 1;
        break;
      }
      default:
        if (!survives(token)) yield { start, end: start + token.length, path: () => levels.map((level) => nameIn(text, level)).join(".") };
    }
  }
}

const nameIn = (text: string, level: number | Span) => (typeof level === "number" ? level : JSON.parse(text.slice(level.start, level.end)));

/** Where a string that begins here has ended: behind the first quote that an even number of backslashes stands before. */
const endOfString = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
};

const numberGrammar = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is no number at all is left for the parser to refuse. */
const survives = (token: string): boolean => {
  if (token.startsWith("-0") && Number(token) === 0) return !numberGrammar.test(token);
  if (token.length <= alwaysKept && !/[eE]/.test(token)) return true;
  const value = Number(token);
  // What JavaScript wrote comes back as it was written.
  if (String(value) === token || !numberGrammar.test(token)) return true;
  return Number.isFinite(value) && inDigits(token) === inDigits(String(value));
};

/** A decimal number without its sign in one form: its digits without zeros around them, and where its point stands. */
const inDigits = (token: string): string => {
  const [mantissa = "", exponent = "0"] = token.replace(/^-/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  let first = 0;
  while (digits[first] === "0") first += 1;
  let last = digits.length;
  while (last > first && digits[last - 1] === "0") last -= 1;
  return first === last ? "0" : `${digits.slice(first, last)}e${Number(exponent) - fraction.length + (digits.length - last)}`;
};

/** The text with the numbers that would change written as strings, for bodies that are read as texts anyway. */
export const withChangedAsStrings = (text: string): string => {
  const pieces: string[] = [];
  let copiedTo = 0;
  for (const { start, end } of changedNumbers(text)) {
    pieces.push(text.slice(copiedTo, start), `"${text.slice(start, end)}"`);
    copiedTo = end;
  }
  pieces.push(text.slice(copiedTo));
  return pieces.join("");
};
