import { pass, refuse, type Step } from "../decision.ts";

/** Whether the name means one account among those that the client serves. */
export const checkUser: Step = {
  name: "user",
  judge({ user }) {
    if (user === "unknown") return refuse("unknown_user", "No account that the client serves has this name.");
    if (user === "ambiguous") return refuse("ambiguous_user", "Accounts of several name spaces that the client serves have this name.");
    return pass(`The account ${user.username} (${user.id}).`);
  },
};
