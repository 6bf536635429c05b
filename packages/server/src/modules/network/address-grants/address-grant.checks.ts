import type { Network } from "@gatehouse-aaa/contract";
import type { Caller } from "../../../kernel/caller.ts";
import type { Faults } from "../../../kernel/errors.ts";
import { sees } from "../../../kernel/tenant-scope.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { AddressGrantStore } from "./address-grant.store.ts";
import type { AddressGrant } from "./address-grant.ts";
import { type Holders, type Holding, holdersAmong, mayUse } from "./address-holders.ts";
import { storedNetwork } from "./address-key.ts";
import type { AddressUse, AddressUseStore } from "./address-use.store.ts";

export interface AddressStores {
  readonly addressGrants: AddressGrantStore;
  readonly addressUses: AddressUseStore;
}

/** What is said of an address whether or not somebody out of sight has it. */
export const outsideSentence = "This lies outside of the address ranges granted to your organization.";

/** What of a network clients use: where they send from, and where they are asked. */
interface UseOfPart extends AddressUse {
  readonly verb: "sends from" | "is asked at";
}

const usesInside = async ({ addressUses }: AddressStores, network: Network): Promise<UseOfPart[]> => [
  ...(await addressUses.listInside(network, maxUses)).map((use) => ({ ...use, verb: "sends from" as const })),
  ...(await addressUses.listAskedInside(network)).map((use) => ({ ...use, verb: "is asked at" as const })),
];

const sentenceOf = ({ shortName, clientId, organizationId, verb, address }: UseOfPart): string =>
  `The AAA client ${shortName} (${clientId}) of organization ${organizationId} ${verb} ${address}.`;

/** More clients in a range than are looked at one by one: nothing so full changes hands. */
const maxUses = 10_000;

export const holdingOf = (grant: AddressGrant): Holding => ({
  organizationId: grant.organizationId,
  prefixLength: storedNetwork(grant.network).prefixLength,
  isShared: grant.isShared,
});

/** Who holds a network, by the grants that hold all of it. */
export const holdersOf = (tree: OrganizationTree, covering: readonly AddressGrant[]): Holders =>
  holdersAmong(tree, covering.map(holdingOf));

const isInLine = (tree: OrganizationTree, one: number, other: number): boolean => tree.isWithin(one, other) || tree.isWithin(other, one);

const prefixOf = (grant: AddressGrant): number => storedNetwork(grant.network).prefixLength;

/** The grants that overlap another: those that hold it and those inside, each once. */
const overlapping = async (store: AddressGrantStore, grant: AddressGrant): Promise<AddressGrant[]> => {
  const network = storedNetwork(grant.network);
  const all = [...(await store.listCovering(network)), ...(await store.listInside(network))];
  return [...new Map(all.map((one) => [one.id, one])).values()].filter((one) => one.id !== grant.id);
};

/** What a grant must be; each fault is worded by what the caller sees. */
export const checkGrant = async (
  stores: AddressStores,
  { tree, caller, grant }: { readonly tree: OrganizationTree; readonly caller: Caller; readonly grant: AddressGrant },
  faults: Faults,
): Promise<void> => {
  const others = await overlapping(stores.addressGrants, grant);
  const prefixLength = prefixOf(grant);
  const above = others
    .filter((other) => prefixOf(other) <= prefixLength && other.organizationId !== grant.organizationId)
    .filter((other) => tree.isWithin(grant.organizationId, other.organizationId))
    .sort((a, b) => prefixOf(b) - prefixOf(a));
  const from = above.filter((other) => sees(caller.scope, other.organizationId));
  if (caller.scope.covers !== "everything") {
    if (grant.organizationId === caller.scope.organizationId) {
      faults.add("organization", "Addresses are granted to organizations below the token's own.");
    }
    if (from.length === 0) {
      faults.add("network", outsideSentence);
      return;
    }
  }
  if (above[0]?.isShared && !grant.isShared) {
    // Said alone: what else is wrong would reveal those who share it.
    faults.add("shared", "The range that it comes from is shared, so that this one is, too.");
    return;
  }
  for (const other of others) {
    const sentence = overlapSentence(tree, grant, other);
    if (sentence !== undefined) faults.add("network", sees(caller.scope, other.organizationId) ? sentence : outsideSentence);
  }
  const displaced = await usesWithout(stores, tree, grant);
  if (displaced === undefined) return;
  const isSeen = sees(caller.scope, displaced.organizationId);
  faults.add("network", isSeen ? sentenceOf(displaced) : outsideSentence);
};

const overlapSentence = (tree: OrganizationTree, grant: AddressGrant, other: AddressGrant): string | undefined => {
  const holds = `Organization ${other.organizationId} holds ${other.network} by grant ${other.id}.`;
  if (other.organizationId === grant.organizationId) return other.network === grant.network ? holds : undefined;
  // Above and below a part may be given on, or kept back.
  if (isInLine(tree, other.organizationId, grant.organizationId)) return undefined;
  return other.isShared && grant.isShared ? undefined : holds;
};

/** A client, of an organization that the grant is not for, that could not send from where it does any more. */
const usesWithout = async (stores: AddressStores, tree: OrganizationTree, grant: AddressGrant): Promise<UseOfPart | undefined> => {
  for (const use of await usesInside(stores, storedNetwork(grant.network))) {
    if (tree.isWithin(use.organizationId, grant.organizationId)) continue;
    const covering = (await stores.addressGrants.listCovering(storedNetwork(use.address))).filter(({ id }) => id !== grant.id);
    const before = mayUse(tree, use.organizationId, holdersOf(tree, covering));
    if (before && !mayUse(tree, use.organizationId, holdersOf(tree, [...covering, grant]))) return use;
  }
  return undefined;
};

/** What keeps a grant from being taken back, as a sentence; undefined where nothing does. */
export const useOfGrant = async (stores: AddressStores, tree: OrganizationTree, grant: AddressGrant): Promise<string | undefined> => {
  const network = storedNetwork(grant.network);
  const below = (await stores.addressGrants.listInside(network)).find(
    (other) => other.organizationId !== grant.organizationId && tree.isWithin(other.organizationId, grant.organizationId),
  );
  if (below) return `Grant ${below.id} gives ${below.network} of it to organization ${below.organizationId}.`;
  for (const use of await usesInside(stores, network)) {
    if (!tree.isWithin(use.organizationId, grant.organizationId)) continue;
    const left = (await stores.addressGrants.listCovering(storedNetwork(use.address))).filter(({ id }) => id !== grant.id);
    // Another grant of the same organization, or of one below, gives it as well.
    if (
      left.some(
        ({ organizationId }) => tree.isWithin(organizationId, grant.organizationId) && tree.isWithin(use.organizationId, organizationId),
      )
    ) {
      continue;
    }
    return sentenceOf(use);
  }
  return undefined;
};

/** A move of organizations: the tree before and after it, those that move, and those that come to stand or stop standing above. */
export interface AddressMove {
  readonly tree: OrganizationTree;
  readonly moved: OrganizationTree;
  readonly organizationIds: readonly number[];
  readonly above: readonly number[];
}

/** How many AAA clients could not send from where they do any more, or not be asked where they are. */
export const clientsLosing = async (stores: AddressStores, { tree, moved, organizationIds, above }: AddressMove): Promise<number> => {
  const losing = new Set<number>();
  for (const grant of await stores.addressGrants.listOf([...organizationIds, ...above])) {
    for (const use of await usesInside(stores, storedNetwork(grant.network))) {
      if (losing.has(use.clientId)) continue;
      const covering = await stores.addressGrants.listCovering(storedNetwork(use.address));
      const mayNow = mayUse(tree, use.organizationId, holdersOf(tree, covering));
      if (mayNow && !mayUse(moved, use.organizationId, holdersOf(moved, covering))) losing.add(use.clientId);
    }
  }
  return losing.size;
};

/** How many grants come from what an organization above holds that would stand above no more: the two would overlap. */
export const grantsLosing = async (stores: AddressStores, { tree, moved, organizationIds }: AddressMove): Promise<number> => {
  let losing = 0;
  for (const grant of await stores.addressGrants.listOf(organizationIds)) {
    const isCut = (other: AddressGrant) =>
      isInLine(tree, other.organizationId, grant.organizationId) &&
      !isInLine(moved, other.organizationId, grant.organizationId) &&
      !(other.isShared && grant.isShared);
    if ((await overlapping(stores.addressGrants, grant)).some(isCut)) losing += 1;
  }
  return losing;
};

/** The grants that are disputed by a grant alone. */
export const settledWithout = async (store: AddressGrantStore, tree: OrganizationTree, grant: AddressGrant): Promise<number[]> => {
  const settled: number[] = [];
  for (const other of await overlapping(store, grant)) {
    if (!other.isDisputed) continue;
    const rivals = (await overlapping(store, other)).filter(
      ({ id, organizationId, isShared }) =>
        id !== grant.id && !isInLine(tree, organizationId, other.organizationId) && !(isShared && other.isShared),
    );
    if (rivals.length === 0) settled.push(other.id);
  }
  return settled;
};
