import { hash } from "node:crypto";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";

/** Who tries a password for whom. */
export interface Guess {
  /** The client, or the token and the address that it calls from. */
  readonly place: string;
  /** The device there, as it is said; empty where it is not. */
  readonly device: string;
  /** The account that is tried, however its name was spelled. */
  readonly account: string;
  /** Whether those at work count as failed, until they are known; without it, each asks again when its turn comes. */
  readonly countsRunning: boolean;
}

/** An attempt that counts as failed until its outcome is known. */
export interface Attempt {
  /** `right` wipes the slate clean; `unknown` is as if it had not been made. */
  end(outcome: "right" | "wrong" | "unknown"): void;
  /** False when others that began with it have filled the slate since. */
  mayGoOn(): boolean;
}

/** Counts wrong passwords, so that guessing ends after a few; the right one from elsewhere is never locked out. */
export interface FailedAttempts {
  /** Begins an attempt, or says in how many seconds one may be made. Guesses at the same time count from their beginning. */
  begin(guess: Guess): Attempt | { readonly pauseSeconds: number };
  /** Counts what another process has counted, as that one has told it. */
  hear(word: string): void;
}

interface Slate {
  readonly failedAtMs: readonly number[];
  readonly running: number;
}

/** A slate with how many wrong passwords fill it. */
type Bound = readonly [name: string, most: number];

const withinMs = 5 * 60_000;
/** Wrong passwords of one device of a place for one account. */
const mostOfDevice = 10;
/** Those of all devices of a place for one account, for a device can say another name each time; and those of one device for all accounts. */
const mostOfMany = 100;
const rememberedSlates = 50_000;
const clean: Slate = { failedAtMs: [], running: 0 };

/** How other processes name a slate: none of them needs to read in it who tried what for whom. */
const digestOf = (name: string): string => hash("sha256", name, "base64url").slice(0, 22);

/**
 * Counts for all processes of a database: each tells what came out, by `tell`. Those that try at the same moment count from
 * the beginning in their own process alone, so that of several each can look at one slate of guesses, once.
 */
export const createFailedAttempts = (clock: Clock, tell: (word: string) => void = () => {}): FailedAttempts => {
  const slates = new BoundedCache<string, Slate>(rememberedSlates);
  /** What failed in other processes, by the digest of the slate; empty where there are none. */
  const elsewhere = new BoundedCache<string, readonly number[]>(rememberedSlates);
  let hasHeard = false;
  /** Devices that an account has logged in from: what others of their place guess does not count against them. */
  const proven = new BoundedCache<string, true>(rememberedSlates);

  const recent = (name: string): Slate => {
    const nowMs = clock.nowMs();
    const { failedAtMs, running } = slates.get(name) ?? clean;
    return { failedAtMs: failedAtMs.filter((atMs) => isWithin(withinMs, atMs, nowMs)), running };
  };
  const keep = (name: string, { failedAtMs, running }: Slate): void => {
    if (failedAtMs.length + running === 0) slates.delete(name);
    else slates.set(name, { failedAtMs: failedAtMs.slice(-mostOfMany), running });
  };

  const failedElsewhere = (name: string): readonly number[] => {
    const sinceMs = clock.nowMs() - withinMs;
    return hasHeard ? (elsewhere.get(digestOf(name)) ?? []).filter((atMs) => atMs > sinceMs) : [];
  };

  const pauseOf = ([name, most]: Bound, countsRunning: boolean): number => {
    const { failedAtMs: failedHere, running } = recent(name);
    const others = failedElsewhere(name);
    const failedAtMs = others.length === 0 ? failedHere : [...failedHere, ...others].toSorted((a, b) => a - b);
    const oldest = failedAtMs.at(-most);
    if (oldest !== undefined) return Math.max(1, Math.ceil((oldest + withinMs - clock.nowMs()) / 1000));
    // Those that are running may still turn out right.
    return countsRunning && failedAtMs.length + running >= most ? 1 : 0;
  };

  const boundsOf = ({ place, device, account }: Guess): Bound[] => {
    const own = `own ${place}\n${device}\n${account}`;
    const bounds: Bound[] = [[own, mostOfDevice]];
    if (!proven.get(own)) bounds.push([`place ${place}\n${account}`, mostOfMany]);
    if (device !== "") bounds.push([`device ${place}\n${device}`, mostOfMany]);
    return bounds;
  };

  return {
    begin(guess) {
      const bounds = boundsOf(guess);
      const pauseSeconds = Math.max(...bounds.map((bound) => pauseOf(bound, guess.countsRunning)));
      if (pauseSeconds > 0) return { pauseSeconds };
      const own = bounds[0]![0];
      for (const [name] of bounds) {
        const { failedAtMs, running } = recent(name);
        keep(name, { failedAtMs, running: running + 1 });
      }
      return {
        mayGoOn: () => bounds.every((bound) => pauseOf(bound, false) === 0),
        end(outcome) {
          if (outcome === "right") proven.set(own, true);
          for (const [name] of bounds) {
            const { failedAtMs, running } = recent(name);
            const isWiped = outcome === "right" && name === own;
            const failed = isWiped ? [] : outcome === "wrong" ? [...failedAtMs, clock.nowMs()] : failedAtMs;
            keep(name, { failedAtMs: failed, running: Math.max(0, running - 1) });
            if (isWiped && (failedAtMs.length > 0 || failedElsewhere(name).length > 0)) {
              elsewhere.delete(digestOf(name));
              tell(`right ${digestOf(name)}`);
            }
          }
          if (outcome === "wrong") tell(`wrong ${bounds.map(([name]) => digestOf(name)).join(" ")}`);
        },
      };
    },
    hear(word) {
      const [outcome, ...digests] = word.split(" ");
      hasHeard = true;
      for (const digest of digests) {
        if (outcome === "wrong") elsewhere.set(digest, [...(elsewhere.get(digest) ?? []), clock.nowMs()].slice(-mostOfMany));
        else elsewhere.delete(digest);
      }
    },
  };
};
