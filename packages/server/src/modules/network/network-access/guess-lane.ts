import { type Clock, type Delay, isWithin } from "../../../kernel/clock.ts";

/** Who waits for a password to be verified. */
export interface Guesser {
  /** Whether somebody still waits for the answer; called when its turn comes. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before it waits. */
  readonly stepAside?: (() => void) | undefined;
}

export interface GuessLaneRules {
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
export const guessesCountForMs = 5 * 60_000;
const firstPauseMs = 250;
/** FreeRADIUS waits 3 s for an answer, equipment as long and more. It leaves 1,440 guesses an hour. */
const maxPauseMs = 2_500;
/** As many as may wait for a hash. */
const maxWaiting = 1_000;

/**
 * The passwords that are tried in one way, such as for one account from one place. After the free ones, one at a time is
 * verified, with a pause after each wrong one that doubles up to the time that equipment waits. The newest is next, because
 * a guesser was there before whoever comes after. One that has waited as long as equipment does is given up. Those being
 * verified count as wrong until their outcome is known.
 */
export class GuessLane {
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
