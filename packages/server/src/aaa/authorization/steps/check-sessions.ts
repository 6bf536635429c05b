import { pass, refuse, type Step } from "../decision.ts";

/** Whether one more session stays within Simultaneous-Use. The device that asks again replaces its own session. */
export const checkSessions: Step = {
  name: "simultaneous_use",
  judge({ attributes, sessions: { live, reserved } }, { mostSessions }) {
    if (attributes === undefined) return pass("No session follows.");
    if (mostSessions === undefined) return pass("Any number of sessions.");
    const found = `${live} live and ${reserved} reserved on other devices, of at most ${mostSessions}.`;
    return live + reserved < mostSessions ? pass(found) : refuse("too_many_sessions", found);
  },
};
