import type { Caller } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Clock } from "./clock.ts";
import { scopedStores } from "./scoped-stores.ts";
import type { TenantScope } from "./tenant-scope.ts";

/** The stores of one unit, bound to its transaction and scope, and what the unit leaves behind. */
export type Transaction<Stores> = Stores & {
  /** The moment of the unit, milliseconds since 1970: all its rows carry the same one. */
  readonly nowMs: number;
  readonly caller: Caller;
  /** The stores of the same transaction without the wall between tenants. `reason` stands in the code to be reviewed. */
  acrossTenants(reason: string): Stores;
  /** Does a task at the end of the transaction that this unit shares with others, once for all of them; at once where it shares none. */
  doTogether<Item>(task: SharedTask<Stores, Item>, item: Item): Promise<void>;
  /** Tells every process of the database a topic, once this unit has committed. */
  announce(topic: string): Promise<void>;
  /** Notes what happened; the handlers run at the end of the unit, inside its transaction. */
  record(change: Change): void;
  /** Runs after the commit, in order; a failure there is logged and undoes nothing. */
  afterCommit(effect: () => void): void;
};

/** The way to the stores: reads by scope, writes by units. */
export interface Work<Stores> {
  /** Stores that read outside of any transaction. */
  for(scope: TenantScope): Stores;
  /** Stores without the wall between tenants. `reason` stands in the code to be reviewed. */
  acrossTenants(reason: string): Stores;
  /**
   * Runs one unit: all of its writes or none, with its changes' rows. It may be run again when the database asks for
   * it, so it touches nothing but the stores; hash passwords and take ids before.
   */
  run<T>(caller: Caller, unit: (tx: Transaction<Stores>) => Promise<T>): Promise<T>;
}

/** A task that units of one transaction do once for all of them. Units name the same object, so make it once. */
export interface SharedTask<Stores, Item> {
  /** Why it works across tenants, for those units may be of several. */
  readonly acrossTenants: string;
  run(stores: Stores, items: readonly Item[]): Promise<void>;
}

/** What is made of the changes of a unit. */
export interface ChangeHandler<Stores> {
  /** Inside the unit's transaction. */
  inTransaction?(tx: Transaction<Stores>, changes: readonly Change[]): Promise<void>;
  /** After the commit, in this process. */
  afterCommit?(changes: readonly Change[]): void;
}

/** How each store is made from a database handle and a scope (null: across tenants). */
export type StoreFactories<Handle, Stores> = { readonly [K in keyof Stores]: (handle: Handle, scope: TenantScope | null) => Stores[K] };

/** What a unit asks of the database beside its statements. */
export interface UnitDatabase<Handle> {
  readonly reader: Handle;
  /** Where units wait, those of one payer may not keep the others from their turns. */
  write<T>(unit: (handle: Handle) => Promise<T>, payer?: string): Promise<T>;
  /** Does a task for the items of all units that share the transaction of `handle`, once, at its end. */
  doTogether<Item>(handle: Handle, task: { run(handle: Handle, items: readonly Item[]): Promise<void> }, item: Item): Promise<void>;
  /** Tells every process a topic once the unit of `handle` has committed. */
  announce(handle: Handle, topic: string): Promise<void>;
}

export interface WorkDependencies<Handle, Stores> {
  readonly database: UnitDatabase<Handle>;
  readonly stores: StoreFactories<Handle, Stores>;
  readonly clock: Clock;
  onEffectFailure(error: unknown): void;
}

/** Work with what is made of its changes. */
export interface HandledWork<Stores> extends Work<Stores> {
  /** Adds a handler, which runs after those that were added before. Add all of them before the first unit. */
  addHandler(handler: ChangeHandler<Stores>): void;
}

/** Builds the unit of work over any database handle: the kernel knows the order of things, storage knows the database. */
export const createWork = <Handle, Stores extends object>(deps: WorkDependencies<Handle, Stores>): HandledWork<Stores> => {
  const { database } = deps;
  const handlers: ChangeHandler<Stores>[] = [];
  const ScopedStores = scopedStores(deps.stores);
  const acrossTenants = (handle: Handle) => new ScopedStores(handle, null) as Stores;
  const sharedTasks = sharedOver(acrossTenants);
  // A scope is one object for as long as the tree of organizations stands, and reading stores keep nothing.
  const readers = new WeakMap<TenantScope, Stores>();
  const crossing = acrossTenants(database.reader);
  return {
    addHandler: (handler) => void handlers.push(handler),
    for(scope) {
      let stores = readers.get(scope);
      if (!stores) {
        stores = new ScopedStores(database.reader, scope) as Stores;
        readers.set(scope, stores);
      }
      return stores;
    },
    acrossTenants: (_reason) => crossing,
    async run(caller, unit) {
      let effects: (() => void)[] = [];
      let changes: Change[] = [];
      const result = await database.write(async (handle) => {
        effects = [];
        changes = [];
        const nowMs = deps.clock.nowMs();
        const tx = Object.assign(new ScopedStores(handle, caller.scope), {
          nowMs,
          caller,
          acrossTenants: (_reason: string) => acrossTenants(handle),
          doTogether: <Item>(task: SharedTask<Stores, Item>, item: Item) => database.doTogether(handle, sharedTasks(task), item),
          announce: (topic: string) => database.announce(handle, topic),
          record: (change: Change) => changes.push(change),
          afterCommit: (effect: () => void) => effects.push(effect),
        }) as unknown as Transaction<Stores>;
        const value = await unit(tx);
        if (changes.length > 0) {
          for (const handler of handlers) await handler.inTransaction?.(tx, changes);
        }
        return value;
      }, caller.scope.payer);
      for (const effect of effects) {
        try {
          effect();
        } catch (error) {
          deps.onEffectFailure(error);
        }
      }
      for (const handler of changes.length === 0 ? [] : handlers) {
        try {
          handler.afterCommit?.(changes);
        } catch (error) {
          deps.onEffectFailure(error);
        }
      }
      return result;
    },
  };
};

/** The same task over handles, one and the same for each: units that share a transaction find by it that they ask the same. */
const sharedOver = <Handle, Stores>(acrossTenants: (handle: Handle) => Stores) => {
  const known = new WeakMap<object, unknown>();
  return <Item>(task: SharedTask<Stores, Item>): { run(handle: Handle, items: readonly Item[]): Promise<void> } => {
    let shared = known.get(task) as { run(handle: Handle, items: readonly Item[]): Promise<void> } | undefined;
    if (!shared) {
      shared = { run: (handle, items) => task.run(acrossTenants(handle), items) };
      known.set(task, shared);
    }
    return shared;
  };
};
