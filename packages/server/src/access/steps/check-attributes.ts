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
    for (const { item, profile } of comparing) {
      const values = Object.hasOwn(attributes, item.attribute) ? attributes[item.attribute] : undefined;
      if (!satisfies(item, values)) return failed(item, profile, values);
    }
    return pass(comparing.length === 0 ? "The profiles check nothing." : `All ${comparing.length} check attributes are satisfied.`, draft);
  },
};

const settles = (item: CheckItem, name: string): boolean => settingOperators.has(item.op) && item.attribute.toLowerCase() === name;

/** Of several limits the least counts. */
const fewest = (items: readonly CheckItem[]): number | undefined => {
  const limits = items
    .filter((item) => settles(item, "simultaneous-use") && /^\d{1,9}$/.test(item.value))
    .map((item) => Number(item.value));
  return limits.length === 0 ? undefined : Math.min(...limits);
};

const failed = (item: CheckItem, profile: string, values: readonly string[] | undefined): StepResult => {
  const isUnreadable = ["=~", "!~"].includes(item.op) && item.fits === undefined;
  if (isUnreadable) return refuse("check_failed", `The profile ${profile} compares ${item.attribute} with a pattern that cannot be read.`);
  const shown =
    values === undefined || values.length === 0 ? "does not carry it" : `carries ${values.map((one) => JSON.stringify(one)).join(", ")}`;
  return refuse(
    "check_failed",
    `The profile ${profile} asks for ${item.attribute} ${item.op} ${JSON.stringify(item.value)}; the request ${shown}.`,
  );
};
