import { pass, refuse, type Step } from "../decision.ts";

const names = { pap: "The password", chap: "The CHAP response", mac: "The address", none: "The request" } as const;

/** Whether who asks has shown to be the account's owner. */
export const checkCredential: Step = {
  name: "credential",
  judge({ credential: { method, verdict } }) {
    switch (verdict) {
      case "right":
        return pass(`${names[method]} is right.`);
      case "deferred":
        return pass("Left to the server that asks: it is given the reversible secret to check against.");
      case "assumed":
        return pass("Not asked for: taken as right.");
      case "wrong":
        return refuse("wrong_credential", `${names[method]} is wrong.`);
      case "paused":
        return refuse("wrong_credential", `${names[method]} was not looked at in time: too many wrong ones come from there. Try again.`);
      case "missing":
        return refuse(
          "no_credential",
          "The request carries no password, no CHAP response, and is no address that authenticates by itself.",
        );
      case "unsupported":
        return refuse("no_credential", "The request proves itself by EAP, MS-CHAP or the like, which go through FreeRADIUS.");
      case "unreadable":
        return refuse(
          "no_reversible_secret",
          "The method needs a reversible secret, and none is kept: the organization must keep reversible secrets, and the password must have been set or used since.",
        );
    }
  },
};
