import { shareOf } from "../../session-time/time-share.ts";
import { knownUser, pass, refuse, type Step } from "../decision.ts";

/** Whether the time balance leaves a second for one more session. */
export const checkTime: Step = {
  name: "time",
  judge(facts, draft) {
    const { seconds } = knownUser(facts);
    if (seconds === null) return pass("The account is not metered.");
    const { live, reserved, unreportedSeconds } = facts.sessions;
    const sharers = live + reserved + 1;
    const share = shareOf(seconds, unreportedSeconds, sharers);
    const sum = `${seconds} s of balance, ${unreportedSeconds} s passed and not reported yet, shared by ${sharers}: ${Math.max(0, share)} s.`;
    if (share < 1) return refuse("no_time_left", sum);
    return pass(sum, { limits: [...draft.limits, { source: "time balance", seconds: share }] });
  },
};
