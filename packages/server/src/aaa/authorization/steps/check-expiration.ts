import { secondsBetween } from "../../session-time/time-share.ts";
import { knownUser, pass, refuse, type Step } from "../decision.ts";

/** Whether the account still has a whole second to live. */
export const checkExpiration: Step = {
  name: "expiration",
  judge(facts, draft) {
    const { expirationMs } = knownUser(facts);
    if (expirationMs === null) return pass("The account never expires.");
    const seconds = secondsBetween(facts.nowMs, expirationMs);
    if (seconds < 1) return refuse("expired", `The account expired ${Math.abs(seconds)} s ago.`);
    return pass(`The account expires in ${seconds} s.`, { limits: [...draft.limits, { source: "expiration", seconds }] });
  },
};
