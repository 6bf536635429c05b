import type { CheckItem, ProfileFacts } from "../../../aaa/authorization/facts.ts";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { type Clock, isWithin } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AaaProfile, AaaProfileStore, ProfileAttribute } from "../../accounts/aaa-profiles/index.ts";
import { readPattern } from "./attribute-pattern.rules.ts";
import type { AttributeSpelling } from "./attribute-spelling.rules.ts";

/** AAA profiles as decisions read them, kept in memory. */
export interface ProfileBook {
  /** Grows with each reading: what an account carried when it was read is not older than the book of the edition before. */
  edition(): number;
  /** The profiles of these ids, in their order, where memory has all of them, fresh and in this edition or an earlier one. */
  inMemory(ids: readonly number[], edition: number): readonly ProfileFacts[] | undefined;
  /**
   * The profiles of these ids, in their order, as they were at one moment since the call, or up to a second before; `gone`
   * where one is deleted. No account carries a deleted profile, so the account that named it has changed since.
   */
  read(ids: readonly number[]): Promise<readonly ProfileFacts[] | "gone">;
  /** Makes all profiles outdated: a change in this process takes effect at once. */
  forget(): void;
}

/** How long a process may go on with a profile that another process has changed. */
const freshForMs = 1_000;
const rememberedProfiles = 10_000;
const none: readonly ProfileFacts[] = [];

interface Page {
  readonly facts: ProfileFacts;
  readonly version: number;
  /** The reading that brought it, by the order in which readings began. */
  readonly reading: number;
  /** The edition that the reading made, by the order in which readings ended. */
  readonly edition: number;
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
  let editions = 0;
  /** Readings up to this one began before all was forgotten: a caller that waits for one may use it, no later caller. */
  let outdated = 0;

  /** Reads all of them by one statement. The caller decides with what it finds, whatever memory has. */
  const load = async (ids: readonly number[], readAtMs: number): Promise<readonly ProfileFacts[] | "gone"> => {
    readings += 1;
    const reading = readings;
    const profiles = await work.acrossTenants("accounts carry profiles of organizations above them").aaaProfiles.findMany(ids);
    editions += 1;
    const edition = editions;
    const found = new Map(profiles.map((profile) => [profile.id, pageOf(profile, { reading, edition, readAtMs })]));
    for (const [id, page] of found) if ((book.get(id)?.reading ?? 0) < reading) book.set(id, page);
    return inOrder(ids, (id) => found.get(id)) ?? "gone";
  };

  /** Patterns are compiled once for each version: a profile that is changed in a loop must not make all others compile again. */
  const pageOf = (profile: AaaProfile, at: Pick<Page, "reading" | "edition" | "readAtMs">): Page => {
    const known = book.get(profile.id);
    const facts = known?.version === profile.version ? known.facts : factsOf(profile, spelling);
    return { facts, version: profile.version, ...at };
  };

  const freshPage = (id: number, nowMs: number): Page | undefined => {
    const page = book.get(id);
    return page !== undefined && page.reading > outdated && isWithin(freshForMs, page.readAtMs, nowMs) ? page : undefined;
  };

  const inMemory = (ids: readonly number[], edition: number): readonly ProfileFacts[] | undefined => {
    if (ids.length === 0) return none;
    const nowMs = clock.nowMs();
    return inOrder(ids, (id) => {
      const page = freshPage(id, nowMs);
      return page !== undefined && page.edition <= edition ? page : undefined;
    });
  };

  return {
    edition: () => editions,
    inMemory,
    read: async (ids) => inMemory(ids, editions) ?? load(ids, clock.nowMs()),
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
