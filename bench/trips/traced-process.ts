import { answerParent } from "../child.ts";
import { type NotedFunction, noteEntries } from "./note-entries.ts";

/** A trip as it was noted: the functions that it entered, in order. */
export interface NotedTrip {
  readonly id: string;
  readonly entries: readonly NotedFunction[];
}

/** The first round warms up; what a recurring job does beside a trip is seldom done beside all of these. */
const rounds = 7;
/** A trip is over when nothing was entered for so long. */
const silenceMs = 40;

const entries = noteEntries();

/** Waits until nothing more is entered. */
const silence = async (): Promise<void> => {
  for (let before = -1; before !== entries.count(); ) {
    before = entries.count();
    await new Promise((resolve) => setTimeout(resolve, silenceMs));
  }
};

answerParent<Readonly<Record<string, string>>, NotedTrip[]>(async (environment) => {
  // Only now, for what was imported before the call above is not noted.
  const { openPlace } = await import("./trip-place.ts");
  const { trips } = await import("./trip-list.ts");
  const place = await openPlace(environment);
  const noted: NotedTrip[] = [];
  try {
    for (const { id, prepare, send } of trips) {
      let least: NotedFunction[] | undefined;
      for (let round = 0; round < rounds; round += 1) {
        await prepare?.(place, round);
        await place.flush();
        await silence();
        entries.take();
        await send(place, round);
        await silence();
        const entered = entries.take();
        // Whatever else goes on only adds to a trip.
        if (least === undefined || entered.length < least.length) least = entered;
      }
      noted.push({ id, entries: least! });
    }
  } finally {
    await place.close();
  }
  return noted;
});
