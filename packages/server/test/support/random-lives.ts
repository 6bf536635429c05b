import fc from "fast-check";

/** A session: what is between it and the one before, how long after each other it reports, and how it ends. */
export interface Life {
  readonly gapSeconds: number;
  readonly reports: readonly number[];
  /** Whether a Stop tells of its end. */
  readonly stops: boolean;
  /** Whether the equipment restarts after it and says so. */
  readonly reboots: boolean;
}

/** Sessions one after another on one client, under one Acct-Session-Id. */
export const lives: fc.Arbitrary<Life[]> = fc.array(
  fc.record({
    gapSeconds: fc.integer({ min: 30, max: 5_000 }),
    reports: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 6 }),
    stops: fc.boolean(),
    reboots: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Numbers below a limit, by which an order is made. */
export const chance = fc.infiniteStream(fc.nat(1_000_000)).map(
  (numbers) =>
    (below: number): number =>
      numbers.next().value! % below,
);

/** One packet arriving. */
export interface Delivery {
  readonly status: "Start" | "Interim-Update" | "Stop" | "Accounting-On";
  readonly eventMs: number;
  readonly arrivalMs: number;
  /** Acct-Session-Time. */
  readonly seconds: number | undefined;
}

/** Lives as they are told. */
export interface Telling {
  /** Packets in the order of their arrival; those of one step arrive at the same moment. */
  readonly steps: readonly (readonly Delivery[])[];
  /** The longest time that any packet of each life told, over all lives. */
  readonly truthSeconds: number;
}

type Told = Omit<Delivery, "arrivalMs">;

/** What equipment has to say of a life, with some Interim-Updates lost; Start and Stop it sends until they are answered. */
const wordsOf = ({ reports, stops }: Life, startMs: number, pick: (below: number) => number): Told[] => {
  const told: Told[] = [{ status: "Start", eventMs: startMs, seconds: undefined }];
  let elapsed = 0;
  for (const length of reports) {
    elapsed += length;
    if (pick(4) > 0) told.push({ status: "Interim-Update", eventMs: startMs + elapsed * 1000, seconds: elapsed });
  }
  if (stops) told.push({ status: "Stop", eventMs: startMs + (elapsed + 1) * 1000, seconds: elapsed + 1 });
  return told;
};

const shuffled = <T>(items: readonly T[], pick: (below: number) => number): T[] =>
  items
    .map((item) => ({ item, key: pick(1_000_000) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

/**
 * Tells lives in a random order: packets are lost, repeated up to three times, come out of order, at the same moment, or
 * as late as after all lives. One packet of each life arrives in its time, and before those of the next; its Start, where
 * `startsFirst` says so.
 */
export const tell = (all: readonly Life[], pick: (below: number) => number, beginMs: number, startsFirst: boolean): Telling => {
  const steps: Delivery[][] = [];
  const late: Told[] = [];
  let nowMs = beginMs;
  let truthSeconds = 0;
  const deliver = (...told: readonly Told[]) => void steps.push(told.map((one) => ({ ...one, arrivalMs: Math.max(nowMs, one.eventMs) })));
  for (const life of all) {
    nowMs += life.gapSeconds * 1000;
    const words = wordsOf(life, nowMs, pick);
    truthSeconds += Math.max(...words.map(({ seconds }) => seconds ?? 0));
    const order = shuffled(
      words.flatMap((one) => Array<Told>(1 + pick(3)).fill(one)),
      pick,
    );
    const [first] = order.splice(startsFirst ? order.findIndex(({ status }) => status === "Start") : 0, 1);
    deliver(first!);
    nowMs += (life.reports.reduce((sum, length) => sum + length, 0) + 1) * 1000;
    const inTime = order.filter(() => pick(3) > 0);
    late.push(...order.filter((one) => !inTime.includes(one)));
    if (pick(2) === 0) deliver(...inTime);
    else for (const one of inTime) deliver(one);
    if (late.length > 0 && pick(2) === 0) deliver(...late.splice(pick(late.length), 1));
    if (!life.reboots) continue;
    nowMs += 10_000;
    const restart: Told = { status: "Accounting-On", eventMs: nowMs, seconds: undefined };
    if (pick(3) > 0) deliver(restart);
    if (pick(3) === 0) late.push(restart);
  }
  nowMs += 60_000;
  for (const one of shuffled(late, pick)) deliver(one);
  return { steps: steps.filter((step) => step.length > 0), truthSeconds };
};
