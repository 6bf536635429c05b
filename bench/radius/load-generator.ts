import { sharedSecretOf } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";
import { answerParent } from "../child.ts";
import { type RadiusCase, radiusCaseOf } from "./cases.ts";
import { type Lane, packetAt, startPacket } from "./packets.ts";
import { accountAt, accountsOfLane, type Pace, plannedSources, secondsAt } from "./plan.ts";
import { type Deck, fireVolley, type VolleyResult } from "./volley.ts";

/** One round of load, or what must have been before the first. */
export interface RadiusLoadQuestion {
  /** Whom it goes to: each server hears of sessions of its own that go on from round to round. */
  readonly subject: string;
  readonly case: string;
  readonly phase: "prelude" | "round";
  readonly port: number;
  /** Accounts of each kind. */
  readonly accounts: number;
  /** Begins the session ids. */
  readonly run: string;
  /** Requests that wait for their answers at once, over all sources. */
  readonly window: number;
  readonly seconds: number;
  readonly isVerified: boolean;
}

export interface RadiusLoadAnswer extends VolleyResult {
  readonly cpuSeconds: number;
  /** What each account's session has reported so far as its Acct-Session-Time. */
  readonly reported: Float64Array;
}

/** How far the load of a case at one server is: rounds go on where the last one ended. */
interface Course {
  /** Packets of each lane so far. */
  readonly sent: number[];
  readonly reported: Float64Array;
  /** When the first session began. */
  startedMs: number;
  /** Packets of a lane in a second of the last round. */
  perSecond: number;
}

/** Packets of a second that nobody takes faster: of those that mean something once only, so many are made. */
const fastest = 30_000;
/** Others begin again; more than the identifiers, so that no packet is taken for the retransmission of itself. */
const fewestInDeck = 1_024;

/** Of one lane, until a round has shown it. */
const usualPerSecond = 500;
/** Sessions that report for the first time are so much older than their Starts: no lag of a busy machine is a restart then. */
const aheadSeconds = 5;

const sources = plannedSources();
const courses = new Map<string, Course>();

const courseOf = (question: RadiusLoadQuestion): Course => {
  const key = `${question.run} ${question.subject} ${question.case}`;
  const known = courses.get(key);
  if (known) return known;
  const course = {
    sent: sources.map(() => 0),
    reported: new Float64Array(question.accounts),
    startedMs: performance.now(),
    perSecond: usualPerSecond,
  };
  courses.set(key, course);
  return course;
};

const lanesOf = ({ accounts, run }: RadiusLoadQuestion): Lane[] =>
  sources.map((source) => ({ source, secret: sharedSecretOf(Buffer.from(source.secret)), accounts, run }));

const preludePackets = (lane: Lane, one: RadiusCase): Buffer[] =>
  Array.from({ length: accountsOfLane(lane.source.lane, lane.accounts) }, (_, place) =>
    one.prelude === "starts" ? startPacket(lane, place) : packetAt(lane, one, place),
  );

const roundPackets = (lane: Lane, one: RadiusCase, seconds: number, course: Course, pace: Pace): Buffer[] => {
  const number = lane.source.lane;
  const length = one.isFresh
    ? Math.ceil((fastest * seconds) / sources.length)
    : Math.max(fewestInDeck, accountsOfLane(number, lane.accounts));
  const begun = course.sent[number]!;
  return Array.from({ length }, (_, index) => packetAt(lane, one, begun + index, secondsAt(number, index, lane.accounts, pace)));
};

/** Notes what a round has sent, so that the next goes on after it. */
const goOn = (course: Course, sent: readonly number[], accounts: number, pace: Pace): void => {
  for (const [lane, count] of sent.entries()) {
    for (let index = 0; index < count; index += 1) {
      course.reported[accountAt(lane, course.sent[lane]! + index, accounts)] = secondsAt(lane, index, accounts, pace);
    }
    course.sent[lane]! += count;
  }
};

const putLoad = async (question: RadiusLoadQuestion): Promise<RadiusLoadAnswer> => {
  const { port, isVerified, phase, seconds, accounts } = question;
  const one = radiusCaseOf(question.case);
  const course = courseOf(question);
  const isPrelude = phase === "prelude";
  const highest = course.reported.reduce((most, reported) => Math.max(most, reported), 0);
  const beganSeconds = Math.max(highest, Math.floor((performance.now() - course.startedMs) / 1_000) + aheadSeconds);
  const pace = { beganSeconds, perSecond: course.perSecond };
  const decks: Deck[] = lanesOf(question).map((lane) => ({
    packets: isPrelude ? preludePackets(lane, one) : roundPackets(lane, one, seconds, course, pace),
    address: lane.source.address,
    secret: lane.secret,
  }));
  const volley = { decks, port, window: Math.max(1, Math.floor(question.window / sources.length)), answerCode: one.answerCode, isVerified };
  const cpuBefore = process.cpuUsage();
  const result = await fireVolley({ ...volley, ...(isPrelude ? { isRepeated: false } : { isRepeated: !one.isFresh, seconds }) });
  const cpu = process.cpuUsage(cpuBefore);
  if (!isPrelude && one.isFresh) {
    goOn(course, result.sent, accounts, pace);
    course.perSecond = Math.max(1, result.requests / sources.length / result.seconds);
  }
  return { ...result, cpuSeconds: (cpu.user + cpu.system) / 1_000_000, reported: course.reported };
};

answerParent(putLoad);
