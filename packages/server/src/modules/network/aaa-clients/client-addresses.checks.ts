import { createHash, timingSafeEqual } from "node:crypto";
import type { Caller } from "../../../kernel/caller.ts";
import type { Faults } from "../../../kernel/errors.ts";
import { sees } from "../../../kernel/tenant-scope.ts";
import { type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import {
  type AddressStores,
  type AddressUse,
  type Holders,
  holdersOf,
  mayUse,
  outsideSentence,
  storedNetwork,
} from "../address-grants/index.ts";
import type { AaaClientStore } from "./aaa-client.store.ts";
import { type AaaClient, addressesOf, namesOf } from "./aaa-client.ts";
import { maxCandidates, maxOfOneShare, minSharedSecret } from "./shared-address.ts";

export interface CheckedClient {
  readonly tree: OrganizationTree;
  readonly caller: Caller;
  readonly client: AaaClient;
  /** The client before the change. What stays as it is was checked when it came. */
  readonly before: AaaClient | undefined;
}

type Stores = AddressStores & { readonly aaaClients: AaaClientStore };

/** Where a client sends from and is asked: inside of what its organization, or one above it, holds. No fault reveals others. */
export const checkAddresses = async (stores: Stores, checked: CheckedClient, faults: Faults): Promise<void> => {
  const { client, before } = checked;
  const named = new Map([
    ...client.moreAddresses.map((one, at) => [one, `more_addresses.${at}`] as const),
    [client.address, "address"] as const,
  ]);
  if (named.size <= client.moreAddresses.length) faults.add("more_addresses", "Name each address once.");
  const known = new Set(before ? addressesOf(before) : []);
  const hasNewSecret = before?.secret !== client.secret;
  // What a name gives is checked each time that it is looked up.
  for (const name of namesOf(client)) named.delete(name);
  for (const [address, field] of named) {
    const holders = await holdersAt(stores, checked.tree, address);
    if (!known.has(address)) await checkAddress(stores, checked, { address, field, holders }, faults);
    const isNew = !known.has(address);
    if (holders.areSharing && (isNew || hasNewSecret)) await checkSharing(stores, checked, { address, field, isNew }, faults);
  }
  const { coaAddress } = client;
  if (coaAddress === null || coaAddress === before?.coaAddress) return;
  if (!isHeld(checked, await holdersAt(stores, checked.tree, coaAddress))) faults.add("coa_address", outsideSentence);
};

const holdersAt = async (stores: Stores, tree: OrganizationTree, address: string): Promise<Holders> =>
  holdersOf(tree, await stores.addressGrants.listCovering(storedNetwork(address)));

/** Whether the client may have what these hold. What the root holds is given by the root's tokens alone. */
const isHeld = ({ tree, caller, client }: CheckedClient, holders: Holders): boolean => {
  if (caller.scope.covers === "everything") return mayUse(tree, client.organizationId, holders);
  const line = tree.lineOf(client.organizationId).filter(({ parentId }) => parentId !== null);
  return line.some(({ id }) => holders.organizationIds.includes(id));
};

const checkAddress = async (
  stores: Stores,
  checked: CheckedClient,
  { address, field, holders }: { readonly address: string; readonly field: string; readonly holders: Holders },
  faults: Faults,
): Promise<void> => {
  if (!isHeld(checked, holders)) return faults.add(field, outsideSentence);
  if (holders.areSharing) return;
  const others = (await stores.addressUses.listCovering(storedNetwork(address))).filter(
    (use) => use.clientId !== checked.client.id && mayUse(checked.tree, use.organizationId, holders),
  );
  // Who shares an undivided range with organizations beside it neither takes nor sees what they have of it.
  if (others.some((use) => !sees(checked.caller.scope, use.organizationId))) faults.add(field, outsideSentence);
  else if (others.some((use) => use.address === address)) faults.add(field, "Another client has this address.");
};

/** How many uses of a shared range are looked at. */
const maxUses = 1_000;

const checkSharing = async (
  stores: Stores,
  { tree, caller, client }: CheckedClient,
  { address, field, isNew }: { readonly address: string; readonly field: string; readonly isNew: boolean },
  faults: Faults,
): Promise<void> => {
  if (client.secret.length < minSharedSecret) {
    faults.add("secret", `At a shared address the secret chooses the client: use at least ${minSharedSecret} characters.`);
    return;
  }
  const network = storedNetwork(address);
  const uses: AddressUse[] = [
    ...(await stores.addressUses.listCovering(network)),
    ...(await stores.addressUses.listInside(network, maxUses)),
  ];
  const others = new Map(
    uses.filter((use) => use.clientId !== client.id && tree.find(use.organizationId)).map((use) => [use.clientId, use.organizationId]),
  );
  const payer = payingOrganization(tree, client.organizationId);
  const ofSame = [...others.values()].filter((id) => payingOrganization(tree, id) === payer).length;
  // Who has more from before this rule keeps them, and changes their secrets.
  if (isNew && ofSame >= maxOfOneShare) {
    faults.add(field, `At a shared address an organization and those below it have at most ${maxOfOneShare} clients.`);
  } else if (isNew && others.size >= maxCandidates) faults.add(field, `A shared address has at most ${maxCandidates} clients.`);
  // Of clients out of sight nothing is said: that a secret is taken would confirm a guess.
  const inSight = [...others].flatMap(([id, organizationId]) => (sees(caller.scope, organizationId) ? [id] : []));
  const secrets = await stores.aaaClients.secretsOf(inSight);
  if ([...secrets.values()].some((secret) => isSame(secret, client.secret))) {
    faults.add("secret", "Choose another secret: at a shared address it chooses the client.");
  }
};

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
