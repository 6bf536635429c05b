import type { CheckItem, ProfileFacts } from "../../../aaa/authorization/facts.ts";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaProfile, AaaProfileStore, ProfileAttribute } from "../../accounts/aaa-profiles/index.ts";
import { readPattern } from "./attribute-pattern.ts";
import type { AttributeSpelling } from "./attribute-spelling.ts";

/** AAA profiles as decisions read them, kept in memory. */
export interface ProfileBook {
  /**
   * The profiles of these ids, in their order, as they stood at one moment since they were asked for, or up to a second
   * before; `gone` where one is deleted. No account carries a deleted profile, so that whoever named it has changed since.
   */
  read(ids: readonly number[]): AtHand<readonly ProfileFacts[] | "gone">;
  /** Holds all profiles for outdated: what this process changes takes effect at once. */
  forget(): void;
}

/** How long a process may go on with a profile that another process has changed. */
const freshForMs = 1_000;
const rememberedProfiles = 10_000;
const none: readonly ProfileFacts[] = [];

interface Page {
  readonly facts: ProfileFacts;
  readonly version: number;
  /** Which reading brought it. */
  readonly reading: number;
  readonly readAtMs: number;
}

export interface ProfileBookDependencies {
  readonly work: Work<{ aaaProfiles: AaaProfileStore }>;
  readonly clock: Clock;
  readonly spelling: AttributeSpelling;
}

export const createProfileBook = ({ work, clock, spelling }: ProfileBookDependencies): ProfileBook => {
  const book = new BoundedCache<number, Page>(rememberedProfiles);
  let readings = 0;
  /** Readings up to this one began before all was forgotten: who waits for one may use it, nobody after. */
  let outdated = 0;

  /** Reads all of them by one statement. What it finds is what is decided with, whatever may be remembered of it. */
  const load = async (ids: readonly number[], readAtMs: number): Promise<readonly ProfileFacts[] | "gone"> => {
    readings += 1;
    const reading = readings;
    const profiles = await work.acrossTenants("accounts carry profiles of organizations above them").aaaProfiles.findMany(ids);
    const found = new Map(profiles.map((profile) => [profile.id, pageOf(profile, reading, readAtMs)]));
    for (const [id, page] of found) if ((book.get(id)?.reading ?? 0) < reading) book.set(id, page);
    return inOrder(ids, (id) => found.get(id)) ?? "gone";
  };

  /** Patterns are compiled once a version: who changes a profile in a loop must not have all others' compiled again. */
  const pageOf = (profile: AaaProfile, reading: number, readAtMs: number): Page => {
    const known = book.get(profile.id);
    const facts = known?.version === profile.version ? known.facts : factsOf(profile, spelling);
    return { facts, version: profile.version, reading, readAtMs };
  };

  const freshPage = (id: number, nowMs: number): Page | undefined => {
    const page = book.get(id);
    return page !== undefined && page.reading > outdated && isWithin(freshForMs, page.readAtMs, nowMs) ? page : undefined;
  };

  return {
    read(ids) {
      if (ids.length === 0) return none;
      const nowMs = clock.nowMs();
      return inOrder(ids, (id) => freshPage(id, nowMs)) ?? load(ids, nowMs);
    },
    forget() {
      outdated = readings;
    },
  };
};

/** What all of these pages say; undefined where one is not there. */
const inOrder = (ids: readonly number[], pageOf: (id: number) => Page | undefined): readonly ProfileFacts[] | undefined => {
  const facts: ProfileFacts[] = [];
  for (const id of ids) {
    const page = pageOf(id);
    if (page === undefined) return undefined;
    facts.push(page.facts);
  }
  return facts;
};

const factsOf = (profile: AaaProfile, spelling: AttributeSpelling): ProfileFacts => ({
  shortName: profile.shortName,
  check: profile.check.map((item) => checkOf(item, spelling)),
  reply: profile.reply.map(({ attribute, op, value }) => ({ attribute: spelling.name(attribute), op, value })),
});

const checkOf = ({ attribute, op, value }: ProfileAttribute, spelling: AttributeSpelling): CheckItem => {
  const name = spelling.name(attribute);
  const isSecret = spelling.isSecret(name, value);
  if (op === "=~" || op === "!~") return { attribute: name, op, value, isSecret, ...readPattern(value) };
  return { attribute: name, op, value: spelling.value(name, value), isSecret };
};
