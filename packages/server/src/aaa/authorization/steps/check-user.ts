import { pass, refuse, type Step } from "../decision.ts";

/** Whether the name means one account among those that the client serves. */
export const checkUser: Step = {
  name: "user",
  judge({ user }) {
    if (user === "unknown_realm") {
      return refuse("unknown_realm", "No login rule of the client's organization has the realm of this name, or its organization is gone.");
    }
    if (user === "unknown") return refuse("unknown_user", "No account that the client serves has this name.");
    if (user === "ambiguous")
      return refuse(
        "ambiguous_user",
        "Accounts of several namespaces that the client serves have this name. Login rules of its organization say which is meant.",
      );
    return pass(`The account ${user.username} (${user.id}).`);
  },
};
