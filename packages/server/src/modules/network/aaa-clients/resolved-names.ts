import { parseAddress } from "@gatehouse-aaa/contract";
import { type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import { type Holders, mayUse } from "../address-grants/index.ts";
import { type AaaClient, addressesOf, type DamagedClient, namesOf } from "./aaa-client.ts";
import type { Address } from "./address-ranges.ts";
import type { NameBook } from "./name-book.ts";
import { maxCandidates, maxOfOneShare, minSharedSecret } from "./shared-address.ts";

/** What a DNS name gives a client. */
export interface ResolvedName {
  readonly name: string;
  readonly addresses: readonly string[];
  /** What it has and the client does not get. */
  readonly refused: readonly string[];
  readonly resolvedAtMs: number | null;
  readonly failure: string | null;
}

export interface NameCheck {
  readonly tree: OrganizationTree;
  /** The clients that are served, by their ids: of two whose names meet the first keeps the address. */
  readonly clients: readonly AaaClient[];
  readonly book: NameBook;
  holdersOf(address: Address): Holders;
  /** The clients that have an address without a name, alone or within a range, the damaged ones among them. */
  at(address: Address): readonly DamagedClient[];
  isOrdinary(address: string): boolean;
}

export interface CheckedNames {
  readonly byClient: ReadonlyMap<number, readonly ResolvedName[]>;
  readonly entries: readonly { readonly network: string; readonly value: AaaClient }[];
}

/**
 * Checks what names resolve to by the rules that hold for addresses which are written down, and by what is true now: who runs a
 * tenant's DNS moves its equipment inside of what the tenant was granted, and takes nothing over.
 */
export const checkResolvedNames = (check: NameCheck): CheckedNames => {
  const byClient = new Map<number, ResolvedName[]>();
  const taken = new Map<string, AaaClient[]>();
  for (const client of check.clients) {
    const names = namesOf(client);
    if (names.length === 0) continue;
    const resolved = names.flatMap((name): ResolvedName[] => {
      const known = check.book.find(name);
      if (!known) return [];
      const [addresses, refused]: [string[], string[]] = [[], []];
      for (const address of known.addresses) {
        if (mayHave(check, client, { address, named: taken.get(address) ?? [] })) {
          addresses.push(address);
          taken.set(address, [...(taken.get(address) ?? []).filter(({ id }) => id !== client.id), client]);
        } else refused.push(address);
      }
      return [{ name, addresses, refused, resolvedAtMs: known.resolvedAtMs, failure: known.failure }];
    });
    byClient.set(client.id, resolved);
  }
  const entries = [...taken].flatMap(([network, clients]) => clients.map((value) => ({ network, value })));
  return { byClient, entries };
};

const mayHave = (
  { tree, holdersOf, at, isOrdinary }: NameCheck,
  client: AaaClient,
  { address, named }: { readonly address: string; readonly named: readonly AaaClient[] },
): boolean => {
  const place = parseAddress(address)!;
  const holders = holdersOf(place);
  if (!isHeld(tree, client, holders, () => isOrdinary(address))) return false;
  const others = new Map<number, DamagedClient>(
    at(place).flatMap((other) => (mayUse(tree, other.organizationId, holders) ? [[other.id, other]] : [])),
  );
  for (const other of named) others.set(other.id, other);
  others.delete(client.id);
  if (holders.areSharing) {
    const payer = payingOrganization(tree, client.organizationId);
    const ofSame = [...others.values()].filter(({ organizationId }) => payingOrganization(tree, organizationId) === payer).length;
    return client.secret.length >= minSharedSecret && ofSame < maxOfOneShare && others.size < maxCandidates;
  }
  // A range of an organization above or beside stays its own; of one's own the address alone is another's.
  return (
    named.every(({ id }) => id === client.id) &&
    [...others.values()].every(
      (other) => tree.isWithin(other.organizationId, client.organizationId) && !addressesOf(other).includes(address),
    )
  );
};

/** What is granted to nobody is the root's: its own clients may have it, and no tenant's by a name. */
const isHeld = (
  tree: OrganizationTree,
  { organizationId }: AaaClient,
  { organizationIds }: Holders,
  isOrdinary: () => boolean,
): boolean => {
  const line = tree.lineOf(organizationId);
  const isOfRoot = line[0]?.parentId === null;
  if (organizationIds.length === 0) return isOfRoot && isOrdinary();
  return line.some(({ id, parentId }) => (isOfRoot || parentId !== null) && organizationIds.includes(id));
};
