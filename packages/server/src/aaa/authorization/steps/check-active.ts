import { knownUser, pass, refuse, type Step } from "../decision.ts";

/** Whether the account and its organizations are switched on. */
export const checkActive: Step = {
  name: "active",
  judge: (facts) =>
    knownUser(facts).isActive
      ? pass("The account and its organizations are active.")
      : refuse("inactive", "The account, its organization or one above it is not active."),
};
