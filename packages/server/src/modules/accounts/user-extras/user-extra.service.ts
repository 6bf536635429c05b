import { grants } from "@gatehouse-aaa/contract";
import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { type DeviceIds, type Holder, type HoldRequest, holdExactly, takeDeviceIds } from "../devices/index.ts";
import { noParticulars, type UserExtra } from "./user-extra.ts";
import { deleteExtra, insertExtras, newExtra, touchExtras, type UserExtraWork, writeExtras } from "./user-extra-change.ts";
import { applyDraft, checkDrafts, checkOrganization, type UserExtraDraft } from "./user-extra-draft.rules.ts";

export interface UserExtraServiceDependencies<Stores extends UserExtraWork> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"user_extra" | "device" | "device_move">;
}

export interface UserExtraRequest extends UserExtraDraft {
  readonly id: number;
  readonly precondition?: Precondition;
}

export type UserExtraService = ReturnType<typeof createUserExtraService>;

/** Whether a caller sees and changes tax and passport numbers. */
export const seesPii = (caller: Caller): boolean => grants(caller.scopes, "pii:read");

/** The rules of extra records. Everything that writes is one unit of work with its devices and changes. */
export const createUserExtraService = <Stores extends UserExtraWork>({ work, ids }: UserExtraServiceDependencies<Stores>) => ({
  async get(scope: TenantScope, id: number): Promise<UserExtra> {
    return (await work.for(scope).userExtras.find(id)) ?? notFound();
  },

  /** Creates all records or none. */
  async create(caller: Caller, operation: string, drafts: readonly UserExtraDraft[]): Promise<UserExtra[]> {
    checkDrafts(drafts);
    const faults = new Faults();
    const particulars = drafts.map((draft) => applyDraft(noParticulars, draft, { seesPii: seesPii(caller), faults }));
    faults.throwIfAny();
    const extraIds = await ids.takeMany("user_extra", drafts.length);
    const deviceIds = await takeIdsOf(ids, drafts);
    return work.run(caller, async (tx) => {
      const { parents, lockedAccounts } = await lockParents(tx, drafts);
      const extras = parents.map((parent, index) => newExtra(extraIds[index]!, parent, particulars[index]!, tx.nowMs));
      const held = await holdDevices(tx, { operation, lockedAccounts, ids: deviceIds }, drafts, parents);
      await insertExtras(tx, operation, extras);
      await touchExtras(tx, operation, losersBeside(held, parents));
      return extras;
    });
  },

  /** Changes all records or none, and returns them as they now stand. */
  async change(caller: Caller, operation: string, requests: readonly UserExtraRequest[]): Promise<UserExtra[]> {
    checkDrafts(requests);
    const deviceIds = await takeIdsOf(ids, requests);
    return work.run(caller, async (tx) => {
      const { found, lockedAccounts } = await lockRecords(tx, requests);
      const settled = await applyChanges(tx, requests, found);
      const parents = settled.map(({ before }): Holder => ({ ...before, id: before.parentId }));
      const held = await holdDevices(tx, { operation, lockedAccounts, ids: deviceIds }, requests, parents);
      const lost = new Set(held.losers.map(({ id }) => id));
      const isWritten = ({ before, after }: { before: UserExtra; after: UserExtra }, index: number) =>
        held.changed.has(index) || lost.has(before.parentId) || JSON.stringify(before.particulars) !== JSON.stringify(after.particulars);
      const changes = settled.filter(isWritten).map(({ before, after }) => ({ before, wanted: after }));
      const written = new Map((await writeExtras(tx, operation, changes)).map((extra) => [extra.id, extra]));
      await touchExtras(tx, operation, losersBeside(held, parents));
      return settled.map(({ before }) => written.get(before.id) ?? before);
    });
  },

  /** Deletes a record alone; the user and the devices stay. */
  async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
    await work.run(caller, async (tx) => {
      const { found } = await lockRecords(tx, [{ id, prefix: "", fields: { values: {} } }]);
      const extra = found.get(id) ?? notFound();
      requireVersion(precondition, String(extra.id), extra.version);
      await deleteExtra(tx, operation, extra);
    });
  },
});

const notFound = (): never => {
  throw new DomainError("user_extra.not_found", "There is no such user extra record.");
};

const takeIdsOf = (ids: IdSource<"device" | "device_move">, drafts: readonly UserExtraDraft[]): Promise<DeviceIds> =>
  takeDeviceIds(
    ids,
    drafts.reduce((sum, { fields }) => sum + (fields.devices?.length ?? 0), 0),
  );

/** Locks the users of new records. Refuses in the contract's order: faulty fields, missing users, records that exist. */
const lockParents = async (
  tx: Transaction<UserExtraWork>,
  drafts: readonly UserExtraDraft[],
): Promise<{ readonly parents: readonly Holder[]; readonly lockedAccounts: ReadonlySet<number> }> => {
  const places = await tx.users.lockPlaces([...drafts.map((draft) => draft.fields.parent!), ...(await holdersOf(tx, drafts))]);
  const faults = new Faults();
  const named = new Set<number>();
  for (const draft of drafts) {
    const parent = draft.fields.parent!;
    if (named.has(parent)) faults.add(`${draft.prefix}parent`, "This user stands twice in the array.");
    named.add(parent);
    const place = places.get(parent);
    if (place) checkOrganization(faults, draft, place.organizationId);
  }
  faults.throwIfAny();
  const parents = drafts.map((draft) => places.get(draft.fields.parent!) ?? noParent(draft.fields.parent!, draft.prefix));
  const [taken] = await tx.userExtras.takenParents(parents);
  if (taken !== undefined) {
    const row = rowOf(drafts.find((draft) => draft.fields.parent === taken)?.prefix);
    throw new DomainError("user_extra.already_exists", `${row}The user ${taken} already has an extra record. PATCH it.`);
  }
  return { parents, lockedAccounts: new Set(places.keys()) };
};

const noParent = (id: number, prefix = ""): never => {
  throw new DomainError("user.not_found", `${rowOf(prefix)}There is no user ${id} that could be the parent.`);
};

/** Names the row of an array in a refusal. */
const rowOf = (prefix = ""): string => (prefix === "" ? "" : `Row ${prefix.slice(0, -1)}: `);

/** Locks records after their users: the order of locks is user first. */
const lockRecords = async (
  tx: Transaction<UserExtraWork>,
  requests: readonly UserExtraRequest[],
): Promise<{ readonly found: ReadonlyMap<number, UserExtra>; readonly lockedAccounts: ReadonlySet<number> }> => {
  const ids = requests.map((request) => request.id);
  const parents = new Set((await tx.userExtras.findParents(ids)).values());
  for (const { fields } of requests) if (fields.parent !== undefined) parents.add(fields.parent);
  const places = await tx.users.lockPlaces([...parents, ...(await holdersOf(tx, requests))]);
  return { found: await tx.userExtras.lockMany(ids), lockedAccounts: new Set(places.keys()) };
};

/** The users who have the devices that rows name: who loses one is locked with who gets it, before either's records and devices. */
const holdersOf = async (tx: Transaction<UserExtraWork>, drafts: readonly UserExtraDraft[]): Promise<number[]> => {
  const identifiers = drafts.flatMap(({ fields }) => (fields.devices ?? []).map(({ identifier }) => identifier));
  return identifiers.length === 0 ? [] : tx.devices.listHolders("inventory", identifiers);
};

/** Applies all changes. Refuses in the contract's order: faulty fields, then missing records, then versions. */
const applyChanges = async (
  tx: Transaction<UserExtraWork>,
  requests: readonly UserExtraRequest[],
  found: ReadonlyMap<number, UserExtra>,
): Promise<{ before: UserExtra; after: UserExtra }[]> => {
  const faults = new Faults();
  const named = new Set<number>();
  const strangers: number[] = [];
  const settled = requests.flatMap((request) => {
    const before = found.get(request.id);
    if (named.has(request.id)) faults.add(`${request.prefix}id`, "This record stands twice in the array.");
    named.add(request.id);
    if (!before) return [];
    const { parent } = request.fields;
    if (parent !== undefined && parent !== before.parentId) strangers.push(parent);
    checkOrganization(faults, request, before.organizationId);
    const particulars = applyDraft(before.particulars, request, { seesPii: seesPii(tx.caller), faults });
    return [{ before, after: { ...before, particulars }, request }];
  });
  if (strangers.length > 0) {
    const known = await tx.users.lockPlaces(strangers);
    for (const { before, request } of settled) {
      const { parent } = request.fields;
      if (parent === undefined || parent === before.parentId || !known.has(parent)) continue;
      faults.add(`${request.prefix}parent`, `A record stays with its user: ${before.parentId}.`);
    }
    faults.throwIfAny();
    const unknown = strangers.find((id) => !known.has(id));
    if (unknown !== undefined) noParent(unknown);
  }
  faults.throwIfAny();
  if (requests.some((request) => !found.has(request.id))) notFound();
  for (const { before, request } of settled) requireVersion(request.precondition, String(before.id), before.version);
  return settled;
};

interface HeldDevices {
  /** The rows whose users' devices changed. */
  readonly changed: ReadonlySet<number>;
  readonly losers: readonly Holder[];
}

/** Assigns the inventory devices that the rows name. */
const holdDevices = async (
  tx: Transaction<UserExtraWork>,
  how: Pick<HoldRequest, "operation" | "lockedAccounts" | "ids">,
  drafts: readonly UserExtraDraft[],
  parents: readonly Holder[],
): Promise<HeldDevices> => {
  const rows = [...drafts.entries()].filter(([, { fields }]) => fields.devices);
  if (rows.length === 0) return { changed: new Set(), losers: [] };
  const holdings = await holdExactly(tx, {
    ...how,
    kinds: ["inventory"],
    holdings: rows.map(([index, { prefix, fields }]) => ({ holder: parents[index]!, wanted: fields.devices!, where: rowOf(prefix) })),
  });
  const changed = rows.flatMap(([index], position) => (holdings[position]!.isChanged ? [index] : []));
  return { changed: new Set(changed), losers: holdings.flatMap(({ losers }) => losers) };
};

/** The users who lost a device and whose records the request does not write itself. */
const losersBeside = ({ losers }: HeldDevices, parents: readonly Holder[]): Holder[] => {
  const written = new Set(parents.map((parent) => parent.id));
  return losers.filter((loser) => !written.has(loser.id));
};
