import { satisfies, settingOperators } from "../check-comparison.ts";
import { pass, refuse, type Step, type StepResult } from "../decision.ts";
import type { CheckItem } from "../facts.ts";

/** Whether the request shows what the account's profiles ask for. What they set is read here, too: Auth-Type and Simultaneous-Use. */
export const checkAttributes: Step = {
  name: "profile_checks",
  judge({ profiles, attributes }) {
    const items = profiles.flatMap((profile) => profile.check.map((item) => ({ item, profile: profile.shortName })));
    const refusing = items.find(({ item }) => settles(item, "auth-type") && item.value.toLowerCase() === "reject");
    if (refusing) return refuse("profile_refuses", `The profile ${refusing.profile} sets Auth-Type to Reject.`);
    const mostSessions = fewest(items.map(({ item }) => item));
    const draft = { mostSessions };
    const comparing = items.filter(({ item }) => !settingOperators.has(item.op));
    if (attributes === undefined) return pass("No network equipment asks: check attributes are not compared.", draft);
    let work = 0;
    for (const { item, profile } of comparing) {
      const values = Object.hasOwn(attributes, item.attribute) ? attributes[item.attribute] : undefined;
      work += workOf(item, values);
      if (work > mostWork) return refuse("check_failed", `The patterns up to that of ${profile} for ${item.attribute} are too much work.`);
      if (!satisfies(item, values)) return failed(item, profile, values);
    }
    return pass(comparing.length === 0 ? "The profiles check nothing." : `All ${comparing.length} check attributes are satisfied.`, draft);
  },
};

/**
 * What all patterns of one decision may cost: their instructions times the characters that they are held against, and as for
 * so many more characters to compile each. It keeps the dearest decision near a millisecond, whoever wrote its profiles and
 * whatever a request shows. A hardware address in all of its spellings costs a hundredth of it.
 */
const mostWork = 100_000;
const charactersToCompile = 25;

const workOf = ({ size }: CheckItem, values: readonly string[] = []): number =>
  size === undefined ? 0 : size * values.reduce((sum, value) => sum + value.length + 1, charactersToCompile);

const settles = (item: CheckItem, name: string): boolean => settingOperators.has(item.op) && item.attribute.toLowerCase() === name;

/** Of several limits the least counts. */
const fewest = (items: readonly CheckItem[]): number | undefined => {
  const limits = items
    .filter((item) => settles(item, "simultaneous-use") && /^\d{1,9}$/.test(item.value))
    .map((item) => Number(item.value));
  return limits.length === 0 ? undefined : Math.min(...limits);
};

const failed = (item: CheckItem, profile: string, values: readonly string[] | undefined): StepResult => {
  if (["=~", "!~"].includes(item.op) && item.fits?.("") === undefined) {
    const why = item.fits === undefined ? "is too large" : "cannot be read";
    return refuse("check_failed", `The profile ${profile} compares ${item.attribute} with a pattern that ${why}.`);
  }
  if (item.isSecret) return refuse("check_failed", `The profile ${profile} asks for another ${item.attribute} than the request carries.`);
  const shown =
    values === undefined || values.length === 0 ? "does not carry it" : `carries ${values.map((one) => JSON.stringify(one)).join(", ")}`;
  return refuse(
    "check_failed",
    `The profile ${profile} asks for ${item.attribute} ${item.op} ${JSON.stringify(item.value)}; the request ${shown}.`,
  );
};
