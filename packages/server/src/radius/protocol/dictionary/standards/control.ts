import type { AttributeFamily } from "../attribute-definition.ts";

/** What never travels and instructs the decision, under FreeRADIUS' names. Only what Gatehouse obeys is known here. */
export const control: AttributeFamily = {
  source: "Gatehouse",
  rows: [
    ["0.1", "Simultaneous-Use", "integer", { use: "control" }],
    // Of FreeRADIUS' many values the one that refuses; Accept, which asks for no password, is not obeyed.
    ["0.2", "Auth-Type", "integer", { use: "control", values: { Reject: 4 } }],
  ],
};
