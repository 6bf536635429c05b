import { plantedSeconds, usernameOf } from "./plan.ts";
import type { ServedWorld } from "./planting.ts";

const sampled = 20;

/**
 * Throws unless acknowledged means billed: of some accounts the balance must have fallen by exactly what their sessions have
 * reported, whatever was sent twice or came in disorder.
 */
export const checkBurned = async ({ address, token }: ServedWorld, reported: Float64Array): Promise<void> => {
  for (let index = 0; index < sampled; index += 1) {
    const account = Math.floor((index * reported.length) / sampled);
    const path = `${address}/api/v1/user_token/?username=${encodeURIComponent(usernameOf("timed", account))}&balance=true`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    const page = (await answer.json()) as { results?: readonly { user_time?: number }[] };
    const expected = plantedSeconds - reported[account]!;
    const found = page.results?.[0]?.user_time;
    if (found !== expected) throw new Error(`Interim: the balance of ${usernameOf("timed", account)} is ${found} instead of ${expected}.`);
  }
};
