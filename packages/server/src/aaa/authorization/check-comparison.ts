import { macKey } from "../words/attributes.ts";
import type { CheckItem } from "./facts.ts";

/** Operators that set something in FreeRADIUS and compare nothing. */
export const settingOperators: ReadonlySet<string> = new Set([":=", "=", "+="]);

/**
 * Whether a request's values of an attribute satisfy a check item, as FreeRADIUS compares them: one value that fits is
 * enough, and without any value only `!*` is satisfied.
 */
export const satisfies = (item: CheckItem, values: readonly string[] | undefined): boolean => {
  if (values === undefined || values.length === 0) return item.op === "!*";
  switch (item.op) {
    case "=*":
      return true;
    case "!*":
      return false;
    case "==":
      return values.some((value) => isEqual(item, value));
    case "!=":
      return values.some((value) => !isEqual(item, value));
    case "=~":
      return values.some((value) => item.fits?.(value) ?? false);
    case "!~":
      return values.some((value) => item.fits?.(value) === false);
    default:
      return values.some((value) => isInOrder(item.op, compare(value, item.value)));
  }
};

const isEqual = (item: CheckItem, value: string): boolean => {
  if (value === item.value) return true;
  if (isNumber(value) && isNumber(item.value)) return BigInt(value) === BigInt(item.value);
  const address = macKey(value);
  return address !== undefined && address === macKey(item.value);
};

const isNumber = (text: string): boolean => /^\d{1,20}$/.test(text);

const compare = (a: string, b: string): number => {
  if (isNumber(a) && isNumber(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
};

const isInOrder = (op: string, order: number): boolean => {
  switch (op) {
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    default:
      return false;
  }
};
