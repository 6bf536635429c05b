import { pass, type Step } from "../decision.ts";
import { mergeReply, numberOf } from "../reply-attributes.ts";

/** What the profiles answer, in their order; a Session-Timeout among it limits the session like the others. */
export const composeReply: Step = {
  name: "reply",
  judge({ profiles }, draft) {
    const reply = mergeReply(profiles.flatMap((profile) => profile.reply));
    const own = numberOf(reply, "session-timeout");
    const limits = own === undefined ? draft.limits : [...draft.limits, { source: "profile", seconds: own }];
    const names = profiles.map((profile) => profile.shortName);
    return pass(names.length === 0 ? "The account has no profile." : `${reply.length} attributes of ${names.join(", ")}.`, {
      reply,
      limits,
    });
  },
};
