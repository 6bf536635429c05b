import { parseNetwork } from "@gatehouse-aaa/contract";
import { isWithin } from "../../../kernel/clock.ts";

/** IPv4 or IPv6: an A or an AAAA record. */
export type Family = 4 | 6;
export const families: readonly Family[] = [4, 6];

/** What one question gave: addresses, perhaps none; or why nothing is known. */
export type NameAnswer = { readonly addresses: readonly string[] } | { readonly failure: string };

/** What is known of a name. */
export interface KnownName {
  readonly addresses: readonly string[];
  /** When a question was last answered; null: never. */
  readonly resolvedAtMs: number | null;
  /** Why the last questions were not all answered; null: they were. */
  readonly failure: string | null;
}

/** The addresses of DNS names, as this process has resolved them. */
export interface NameBook {
  /** Undefined: it was not looked up yet. */
  find(name: string): KnownName | undefined;
  /** Notes what became of both questions. Says whether the addresses of the name are others than before. */
  note(name: string, answers: Readonly<Record<Family, NameAnswer>>): boolean;
  /** Keeps these names alone. */
  keep(names: ReadonlyMap<string, unknown>): void;
}

/** How long addresses stay where nobody answers any more: DNS that is down for a while keeps no equipment out. */
const keptMs = 60 * 60_000;
/** How many addresses of each family a name has; further ones are left out. */
const maxAddresses = 8;

interface Resolved {
  readonly addresses: readonly string[];
  readonly atMs: number;
}

export const createNameBook = (clock: { nowMs(): number }): NameBook => {
  const entries = new Map<string, { readonly resolved: Partial<Record<Family, Resolved>>; readonly known: KnownName }>();
  return {
    find: (name) => entries.get(name)?.known,
    note(name, answers) {
      const nowMs = clock.nowMs();
      const before = entries.get(name);
      const resolved: Partial<Record<Family, Resolved>> = {};
      const failures: string[] = [];
      for (const family of families) {
        const answer = answers[family];
        const last = before?.resolved[family];
        if ("addresses" in answer) resolved[family] = { addresses: oneSpelling(answer.addresses), atMs: nowMs };
        else {
          failures.push(`${family === 4 ? "A" : "AAAA"}: ${answer.failure}`);
          if (last && isWithin(keptMs, last.atMs, nowMs)) resolved[family] = last;
        }
      }
      const standing = Object.values(resolved);
      const addresses = [...new Set(standing.flatMap((one) => one.addresses))];
      const times = [before?.known.resolvedAtMs ?? null, ...standing.map(({ atMs }) => atMs)].filter((atMs) => atMs !== null);
      const resolvedAtMs = times.length === 0 ? null : Math.max(...times);
      entries.set(name, { resolved, known: { addresses, resolvedAtMs, failure: failures.join("; ") || null } });
      return before === undefined || before.known.addresses.join() !== addresses.join();
    },
    keep(names) {
      for (const name of entries.keys()) if (!names.has(name)) entries.delete(name);
    },
  };
};

/** DNS gives addresses in another order each time. */
const oneSpelling = (addresses: readonly string[]): string[] => {
  const read = addresses.filter((address) => !address.includes("/")).flatMap((address) => parseNetwork(address)?.canonical ?? []);
  return [...new Set(read)].sort().slice(0, maxAddresses);
};
