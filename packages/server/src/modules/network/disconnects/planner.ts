import { actorLabel, systemCaller } from "../../../kernel/caller.ts";

/** Who ends sessions by their deadline: what it asks for holds only as long as the deadline has passed. */
export const planner = systemCaller("planner");

export const plannerActor = actorLabel(planner.actor);
