import { createSocket } from "node:dgram";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { answerParent } from "../child.ts";
import { floodOf } from "./floods.ts";
import type { NeighbourWorld } from "./neighbour-world.ts";

/** What the bench asks the process that floods. */
export type FloodQuestion =
  | { readonly what: "open" }
  | { readonly what: "begin"; readonly flood: string; readonly world: NeighbourWorld; readonly seconds: number }
  | { readonly what: "end" };

/** `open`: the port of equipment that hears orders and says nothing. `end`: what was answered, by its outcome. */
export interface FloodAnswer {
  readonly silentPort?: number;
  readonly outcomes?: Readonly<Record<string, number>>;
}

let under: { readonly over: AbortController; readonly poured: Promise<unknown>; readonly outcomes: Record<string, number> } | undefined;

// Who floods brings a machine of his own: on this one he must not take the processor from the server.
setPriority(constants.priority.PRIORITY_LOW);

/** In a process of its own: what makes and sends a flood must not stand between the other tenant and its answers. */
answerParent<FloodQuestion, FloodAnswer>(async (question) => {
  if (question.what === "open") {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.9");
    await once(socket, "listening");
    return { silentPort: socket.address().port };
  }
  if (question.what === "begin") {
    const { world, seconds } = question;
    const flood = floodOf(question.flood);
    await flood.prepare?.(world);
    const outcomes: Record<string, number> = {};
    const over = new AbortController();
    const count = (outcome: string, times = 1) => {
      if (times > 0) outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
    };
    const pour = flood.ready({ world, seconds, isOver: over.signal, count });
    under = { over, poured: pour(), outcomes };
    return {};
  }
  under!.over.abort();
  await under!.poured;
  return { outcomes: under!.outcomes };
});
