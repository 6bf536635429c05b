import { hash } from "node:crypto";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, type Delay, isWithin } from "../../../kernel/clock.ts";
import { type Guesser, GuessLane, guessesCountForMs } from "./guess-lane.ts";

/** Who tries a password for whom. */
export interface Guess extends Guesser {
  /** The client, or the token and the address that it calls from. */
  readonly place: string;
  /** The device there, as it is said; empty where it is not. */
  readonly device: string;
  /** The account that is tried, however its name was spelled. */
  readonly account: string;
}

/** A password that may be looked at now. */
export interface Attempt {
  /** `right` wipes the slate of its device clean; `unknown` is as if it had not been made. */
  end(outcome: "right" | "wrong" | "unknown"): void;
}

/** Counts wrong passwords and slows guessing; who is right waits no longer than equipment does. */
export interface FailedAttempts {
  /** Waits for the turn of an attempt; says in how many seconds to come again where too many wait beside it. */
  begin(guess: Guess): AtHand<Attempt | { readonly pauseSeconds: number }>;
  /** Counts what another process has counted, as that one has told it. */
  hear(word: string): void;
}

export interface FailedAttemptsDependencies {
  readonly clock: Clock;
  readonly delay: Delay;
  /** Tells the other processes of the database what came out. */
  tell?(word: string): void;
}

/** Wrong passwords in five minutes that cost no wait: of one device of a place for one account. */
const freeOfDevice = 10;
/** Of all devices of a place for one account, for a device can say another name each time; and of one device for all accounts. */
const freeOfMany = 100;
const rememberedLanes = 50_000;
/** More would not make a pause longer. */
const mostHeard = freeOfMany + 10;
const none: readonly number[] = [];

/** How other processes name a lane: none of them needs to read in it who tried what for whom. */
const digestOf = (name: string): string => hash("sha256", name, "base64url").slice(0, 22);

/**
 * Beyond those that are free, passwords for an account are looked at one at a time from a place, with growing pauses: nobody is
 * refused for what others guess, for at shared equipment the owner looks like them. A device that the account has logged in
 * from waits behind none but itself. It counts for all processes of a database: each tells what came out, by `tell`. Those that
 * try at the same moment are one at a time in their own process alone.
 */
export const createFailedAttempts = ({ clock, delay, tell = () => {} }: FailedAttemptsDependencies): FailedAttempts => {
  const lanes = new BoundedCache<string, GuessLane>(rememberedLanes);
  /** Devices that an account has logged in from, as they are called. */
  const proven = new BoundedCache<string, true>(rememberedLanes);

  /** What failed in other processes, by the digest of the lane. */
  const heard = new BoundedCache<string, readonly number[]>(rememberedLanes);
  let hasHeard = false;

  const failedElsewhere = (name: string): readonly number[] => {
    const failedAtMs = hasHeard ? heard.get(digestOf(name)) : undefined;
    return failedAtMs?.filter((atMs) => isWithin(guessesCountForMs, atMs, clock.nowMs())) ?? none;
  };

  const laneOf = (name: string, free: number): GuessLane => {
    let lane = lanes.get(name);
    if (!lane) {
      lane = new GuessLane({ free, clock, delay, elsewhere: () => failedElsewhere(name) });
      lanes.set(name, lane);
    }
    return lane;
  };
  const leave = (name: string, lane: GuessLane): void => {
    if (lanes.get(name) !== lane) return;
    if (lane.isEmpty()) lanes.delete(name);
    // The eldest are forgotten first.
    else lanes.set(name, lane);
  };

  const lanesOf = ({ place, device, account }: Guess, own: string): [name: string, free: number][] => {
    if (proven.get(own)) return [[own, freeOfDevice]];
    const shared: [string, number] = [`place ${place}\n${account}`, freeOfMany];
    const all: [string, number] = [`device ${place}\n${device}`, freeOfMany];
    return device === "" ? [[own, freeOfDevice], shared] : [[own, freeOfDevice], shared, all];
  };

  return {
    begin(guess) {
      const own = `own ${guess.place}\n${guess.device}\n${guess.account}`;
      const wanted = lanesOf(guess, own);
      const entered: [name: string, lane: GuessLane][] = [];

      const end = (outcome: "right" | "wrong" | "unknown"): void => {
        // Without a name it is any device of the place.
        if (outcome === "right" && guess.device !== "") proven.set(own, true);
        for (const [name, lane] of entered) {
          const isWiped = outcome === "right" && name === own && lane.hasFailed();
          if (isWiped) {
            heard.delete(digestOf(name));
            tell(`right ${digestOf(name)}`);
          }
          lane.end(outcome, isWiped);
          leave(name, lane);
        }
        if (outcome === "wrong") tell(`wrong ${entered.map(([name]) => digestOf(name)).join(" ")}`);
      };
      /** One lane after the other, always in the same order: two never wait for each other. */
      const enter = (): AtHand<Attempt | { readonly pauseSeconds: number }> => {
        for (let next = wanted[entered.length]; next !== undefined; next = wanted[entered.length]) {
          const [name, free] = next;
          const lane = laneOf(name, free);
          const turn = lane.enter(guess);
          if (turn instanceof Promise) return turn.then((isMine) => (isMine ? went(name, lane) : gaveUp(name, lane)));
          entered.push([name, lane]);
        }
        return { end };
      };
      const went = (name: string, lane: GuessLane) => {
        entered.push([name, lane]);
        return enter();
      };
      const gaveUp = (name: string, lane: GuessLane) => {
        const pauseSeconds = Math.ceil(lane.pauseMs() / 1000) || 1;
        leave(name, lane);
        end("unknown");
        return { pauseSeconds };
      };
      return enter();
    },
    hear(word) {
      const [outcome, ...digests] = word.split(" ");
      hasHeard = true;
      for (const digest of digests) {
        if (outcome === "wrong") heard.set(digest, [...(heard.get(digest) ?? none), clock.nowMs()].slice(-mostHeard));
        else heard.delete(digest);
      }
    },
  };
};
