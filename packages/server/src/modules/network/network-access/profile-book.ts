import type { CheckItem, ProfileFacts } from "../../../access/facts.ts";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaProfile, AaaProfileStore, ProfileAttribute } from "../../accounts/aaa-profiles/index.ts";
import { readPattern } from "./attribute-pattern.ts";
import type { AttributeSpelling } from "./attribute-spelling.ts";

/** AAA profiles as decisions read them, kept in memory. */
export interface ProfileBook {
  /** The profiles of these ids, in their order; one that was deleted a moment ago is left out. */
  read(ids: readonly number[]): AtHand<readonly ProfileFacts[]>;
  /** Forgets all profiles: what this process changes takes effect at once. */
  forget(): void;
}

/** How long a process may go on with a profile that another process has changed. */
const freshForMs = 1_000;
const rememberedProfiles = 10_000;
const none: readonly ProfileFacts[] = [];

export interface ProfileBookDependencies {
  readonly work: Work<{ aaaProfiles: AaaProfileStore }>;
  readonly clock: Clock;
  readonly spelling: AttributeSpelling;
}

export const createProfileBook = ({ work, clock, spelling }: ProfileBookDependencies): ProfileBook => {
  const book = new BoundedCache<number, { facts: ProfileFacts; version: number; readAtMs: number }>(rememberedProfiles);
  // Counts the calls of forget: what was read before one must not be remembered after it.
  let generation = 0;

  const load = async (ids: readonly number[], nowMs: number): Promise<void> => {
    const asked = generation;
    const profiles = await work.acrossTenants("accounts carry profiles of organizations above them").aaaProfiles.findMany(ids);
    const found = new Set(profiles.map((profile) => profile.id));
    if (asked !== generation) return;
    for (const id of ids) if (!found.has(id)) book.delete(id);
    for (const profile of profiles) {
      const known = book.get(profile.id);
      const facts = known?.version === profile.version ? known.facts : factsOf(profile, spelling);
      book.set(profile.id, { facts, version: profile.version, readAtMs: nowMs });
    }
  };

  const inOrder = (ids: readonly number[]) => ids.flatMap((id) => book.get(id)?.facts ?? []);

  return {
    read(ids) {
      if (ids.length === 0) return none;
      const nowMs = clock.nowMs();
      const isStale = (id: number) => nowMs - (book.get(id)?.readAtMs ?? Number.NEGATIVE_INFINITY) >= freshForMs;
      const stale = ids.filter(isStale);
      return stale.length > 0 ? load(stale, nowMs).then(() => inOrder(ids)) : inOrder(ids);
    },
    forget() {
      generation += 1;
      book.clear();
    },
  };
};

const factsOf = (profile: AaaProfile, spelling: AttributeSpelling): ProfileFacts => ({
  shortName: profile.shortName,
  check: profile.check.map((item) => checkOf(item, spelling)),
  reply: profile.reply.map(({ attribute, op, value }) => ({ attribute: spelling.name(attribute), op, value })),
});

const checkOf = ({ attribute, op, value }: ProfileAttribute, spelling: AttributeSpelling): CheckItem => {
  const name = spelling.name(attribute);
  if (op === "=~" || op === "!~") return { attribute: name, op, value, ...readPattern(value) };
  return { attribute: name, op, value: spelling.value(name, value) };
};
