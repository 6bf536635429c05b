import { hash } from "node:crypto";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, type Delay, isWithin } from "../../../kernel/clock.ts";

/** An attempt: who tries a password, for which account. */
export interface Guess extends Guesser {
  /** The client, or the token and the address that it calls from. */
  readonly place: string;
  /** The device there, as it is said; empty where it is not. */
  readonly device: string;
  /** The account that is tried, however its name was spelled. */
  readonly account: string;
}

/** A password that may be verified now. */
export interface Attempt {
  /** Whether it had to wait for its turn. */
  readonly hasWaited: boolean;
  /** `right` forgets the wrong ones of its device; `unknown` is as if it had not been made. */
  end(outcome: "right" | "wrong" | "unknown"): void;
}

/** Counts wrong passwords and slows guessing. The right password waits no longer than equipment does. */
export interface FailedAttempts {
  /** Resolves when it is the turn of an attempt; with the seconds after which to try again where too many wait beside it. */
  begin(guess: Guess): Promise<Attempt | { readonly pauseSeconds: number }>;
  /** Counts an outcome that was found out elsewhere, without a turn. */
  count(guess: Guess, outcome: "right" | "wrong"): void;
  /** Counts what another process has published. */
  hear(word: string): void;
}

export interface FailedAttemptsDependencies {
  readonly clock: Clock;
  readonly delay: Delay;
  /** Publishes an outcome to the other processes of the database. */
  tell?(word: string): void;
}

/** Wrong passwords in five minutes that cost no wait: of one device of a place for one account. */
const freeOfDevice = 10;
/** Of all devices of a place for one account, for a device can say another name each time; and of one device for all accounts. */
const freeOfMany = 100;
const rememberedLanes = 50_000;
/** More would not make a pause longer. */
const maxElsewhere = freeOfMany + 10;
const none: readonly number[] = [];

/** The name of a lane in other processes. It does not reveal who tried what for whom. */
const digestOf = (name: string): string => hash("sha256", name, "base64url").slice(0, 22);

/**
 * Beyond the free attempts, passwords for an account are verified one at a time from a place, with growing pauses. Nobody is
 * refused for what others guess, because at shared equipment the owner looks like a guesser. A device that the account has
 * logged in from waits only behind itself. Outcomes count in all processes of a database: each publishes its own by `tell`.
 * Attempts at the same moment are one at a time only within one process.
 */
export const createFailedAttempts = ({ clock, delay, tell = () => {} }: FailedAttemptsDependencies): FailedAttempts => {
  const lanes = new BoundedCache<string, GuessLane>(rememberedLanes);
  /** Devices that an account has logged in from, as they are called. */
  const proven = new BoundedCache<string, true>(rememberedLanes);

  /** Failures in other processes, by the digest of the lane. */
  const elsewhere = new BoundedCache<string, readonly number[]>(rememberedLanes);
  let hasElsewhere = false;

  const failedElsewhere = (name: string): readonly number[] => {
    const failedAtMs = hasElsewhere ? elsewhere.get(digestOf(name)) : undefined;
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

  /** The lanes of an attempt, those that it has entered, and how it ends. */
  const entriesOf = (guess: Guess) => {
    const own = `own ${guess.place}\n${guess.device}\n${guess.account}`;
    const entered: [name: string, lane: GuessLane][] = [];
    const end = (outcome: "right" | "wrong" | "unknown"): void => {
      // Without a name it is any device of the place.
      if (outcome === "right" && guess.device !== "") proven.set(own, true);
      for (const [name, lane] of entered) {
        const isWiped = outcome === "right" && name === own && lane.hasFailed();
        if (isWiped) {
          elsewhere.delete(digestOf(name));
          tell(`right ${digestOf(name)}`);
        }
        lane.end(outcome, isWiped);
        leave(name, lane);
      }
      if (outcome === "wrong") tell(`wrong ${entered.map(([name]) => digestOf(name)).join(" ")}`);
    };
    return { wanted: lanesOf(guess, own), entered, end };
  };

  return {
    async begin(guess) {
      const { wanted, entered, end } = entriesOf(guess);
      // One lane after the other, always in the same order: two attempts never wait for each other.
      let hasWaited = false;
      for (const [name, free] of wanted) {
        const lane = laneOf(name, free);
        const turn = lane.enter(guess);
        if (turn !== true) {
          hasWaited = true;
          if (!(await turn)) {
            const pauseSeconds = Math.ceil(lane.pauseMs() / 1000) || 1;
            leave(name, lane);
            end("unknown");
            return { pauseSeconds };
          }
        }
        entered.push([name, lane]);
      }
      return { hasWaited, end };
    },
    count(guess, outcome) {
      const { wanted, entered, end } = entriesOf(guess);
      for (const [name, free] of wanted) {
        const lane = laneOf(name, free);
        lane.join();
        entered.push([name, lane]);
      }
      end(outcome);
    },
    hear(word) {
      const [outcome, ...digests] = word.split(" ");
      hasElsewhere = true;
      for (const digest of digests) {
        if (outcome === "wrong") elsewhere.set(digest, [...(elsewhere.get(digest) ?? none), clock.nowMs()].slice(-maxElsewhere));
        else elsewhere.delete(digest);
      }
    },
  };
};
/** Who waits for a password to be verified. */
interface Guesser {
  /** Whether somebody still waits for the answer; called when its turn comes. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before it waits. */
  readonly stepAside?: (() => void) | undefined;
}

interface GuessLaneRules {
  /** How many wrong ones within five minutes cost no wait. */
  readonly free: number;
  /** When other processes counted wrong ones within that time, the last one last. */
  elsewhere(): readonly number[];
  readonly clock: Clock;
  readonly delay: Delay;
}

interface Waiting {
  readonly isWanted: (() => boolean) | undefined;
  readonly sinceMs: number;
  go(isMine: boolean): void;
}

/** How long a wrong password counts. */
const guessesCountForMs = 5 * 60_000;
const firstPauseMs = 250;
/** FreeRADIUS waits 3 s for an answer, equipment as long and more. It leaves 1,440 guesses an hour. */
const maxPauseMs = 2_500;
/** As many as may wait for a hash. */
const maxWaiting = 1_000;

/**
 * The passwords that are tried in one way, such as for one account from one place. After the free ones, one at a time is
 * verified, with a pause after each wrong one that doubles up to the time that equipment waits. The newest is next: a guesser
 * has many waiting, and whoever comes after him must not wait behind them. One that has waited as long as equipment does is given up. Those being
 * verified count as wrong until their outcome is known.
 */
class GuessLane {
  readonly #rules: GuessLaneRules;
  #failedAtMs: number[] = [];
  #running = 0;
  /** When the last wrong one was counted, unless the pause behind it is over. */
  #endedAtMs: number | undefined;
  #isTimed = false;
  readonly #waiting: Waiting[] = [];

  constructor(rules: GuessLaneRules) {
    this.#rules = rules;
  }

  /** Resolves when it may be verified; with false where it has waited too long, or nobody waits for it any more. */
  enter({ isWanted, stepAside }: Guesser): true | Promise<boolean> {
    if (this.#mayGo()) {
      this.#running += 1;
      return true;
    }
    stepAside?.();
    return new Promise((go) => {
      this.#waiting.push({ isWanted, sinceMs: this.#rules.clock.nowMs(), go });
      this.#arrange();
    });
  }

  /** Enters one that was verified elsewhere, without a turn. */
  join(): void {
    this.#running += 1;
  }

  /** The outcome of one that entered. `isWiped` forgets the wrong ones before. */
  end(outcome: "wrong" | "unknown" | "right", isWiped: boolean): void {
    this.#running -= 1;
    if (isWiped) this.#failedAtMs = [];
    if (outcome === "wrong") {
      // More would not make the pause longer.
      this.#failedAtMs = [...this.#failedAtMs.slice(-(this.#rules.free + 10)), this.#rules.clock.nowMs()];
      this.#endedAtMs = this.#rules.clock.nowMs();
    }
    this.#arrange();
  }

  /** How long the pause after a wrong one is now. */
  pauseMs(): number {
    const beyond = this.#failed() - this.#rules.free;
    return beyond < 0 ? 0 : Math.min(maxPauseMs, firstPauseMs * 2 ** beyond);
  }

  /** Whether wrong ones count. */
  hasFailed(): boolean {
    return this.#failed() > 0;
  }

  /** Whether there is nothing to remember. */
  isEmpty(): boolean {
    this.#failed();
    return this.#running + this.#waiting.length + this.#failedAtMs.length === 0;
  }

  #failed(): number {
    if (this.#failedAtMs.length > 0) {
      const nowMs = this.#rules.clock.nowMs();
      this.#failedAtMs = this.#failedAtMs.filter((atMs) => isWithin(guessesCountForMs, atMs, nowMs));
    }
    return this.#failedAtMs.length + this.#rules.elsewhere().length;
  }

  #mayGo(): boolean {
    const failed = this.#failed();
    if (failed < this.#rules.free) return failed + this.#running < this.#rules.free;
    return this.#running === 0 && this.#leftMs() <= 0;
  }

  /** What is left of the pause after the last wrong one, in whichever process it was. */
  #leftMs(): number {
    const nowMs = this.#rules.clock.nowMs();
    const pauseMs = this.pauseMs();
    const ends = [this.#endedAtMs, this.#rules.elsewhere().at(-1)].filter((atMs) => atMs !== undefined && isWithin(pauseMs, atMs, nowMs));
    return ends.length === 0 ? 0 : Math.max(...(ends as number[])) + pauseMs - nowMs;
  }

  #arrange(): void {
    while (this.#waiting.length > 0 && this.#mayGo()) {
      const { isWanted, go } = this.#waiting.pop()!;
      const isMine = isWanted?.() ?? true;
      if (isMine) this.#running += 1;
      go(isMine);
    }
    while (this.#waiting.length > 0 && this.#isTooLate(this.#waiting[0]!)) this.#waiting.shift()!.go(false);
    if (this.#waiting.length === 0 || this.#running > 0 || this.#isTimed) return;
    this.#isTimed = true;
    const whenDue = () => {
      this.#isTimed = false;
      this.#endedAtMs = undefined;
      this.#arrange();
    };
    this.#rules.delay(whenDue, Math.max(1, this.#leftMs()));
  }

  #isTooLate({ sinceMs }: Waiting): boolean {
    if (this.#waiting.length > maxWaiting) return true;
    return this.#failed() >= this.#rules.free && this.#rules.clock.nowMs() - sinceMs > maxPauseMs;
  }
}
