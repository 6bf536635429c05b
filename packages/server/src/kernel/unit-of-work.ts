import type { Caller } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Clock } from "./clock.ts";
import type { TenantScope } from "./tenant-scope.ts";

/** The stores of one unit, bound to its transaction and scope, and what the unit leaves behind. */
export type Transaction<Stores> = Stores & {
  /** The moment of the unit, milliseconds since 1970: all its rows carry the same one. */
  readonly nowMs: number;
  readonly caller: Caller;
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

/** What is made of the changes of a unit. */
export interface ChangeHandler<Handle> {
  /** Inside the unit's transaction. */
  inTransaction?(handle: Handle, changes: readonly Change[], context: { caller: Caller; nowMs: number }): Promise<void>;
  /** After the commit, in this process. */
  afterCommit?(changes: readonly Change[]): void;
}

/** How each store is made from a database handle and a scope (null: across tenants). */
export type StoreFactories<Handle, Stores> = { readonly [K in keyof Stores]: (handle: Handle, scope: TenantScope | null) => Stores[K] };

export interface WorkDependencies<Handle, Stores> {
  reader: Handle;
  /** Where units wait, those of one caller may not keep the others from their turns. */
  write<T>(unit: (handle: Handle) => Promise<T>, caller: Caller): Promise<T>;
  stores: StoreFactories<Handle, Stores>;
  handlers: readonly ChangeHandler<Handle>[];
  clock: Clock;
  onEffectFailure(error: unknown): void;
}

/** Builds the unit of work over any database handle: the kernel knows the order of things, storage knows the database. */
export const createWork = <Handle, Stores extends object>(deps: WorkDependencies<Handle, Stores>): Work<Stores> => {
  const ScopedStores = scopedStores(deps.stores);
  // A scope is one object for as long as the tree of organizations stands, and reading stores keep nothing.
  const readers = new WeakMap<TenantScope, Stores>();
  const crossing = new ScopedStores(deps.reader, null) as Stores;
  return {
    for(scope) {
      let stores = readers.get(scope);
      if (!stores) {
        stores = new ScopedStores(deps.reader, scope) as Stores;
        readers.set(scope, stores);
      }
      return stores;
    },
    acrossTenants: (_reason) => crossing,
    async run(caller, unit) {
      let effects: (() => void)[] = [];
      let changes: Change[] = [];
      const result = await deps.write(async (handle) => {
        effects = [];
        changes = [];
        const nowMs = deps.clock.nowMs();
        const tx = Object.assign(new ScopedStores(handle, caller.scope), {
          nowMs,
          caller,
          record: (change: Change) => changes.push(change),
          afterCommit: (effect: () => void) => effects.push(effect),
        }) as unknown as Transaction<Stores>;
        const value = await unit(tx);
        if (changes.length > 0) {
          for (const handler of deps.handlers) await handler.inTransaction?.(handle, changes, { caller, nowMs });
        }
        return value;
      }, caller);
      const afterwards = [
        ...effects,
        ...(changes.length === 0 ? [] : deps.handlers.map((handler) => () => handler.afterCommit?.(changes))),
      ];
      for (const effect of afterwards) {
        try {
          effect();
        } catch (error) {
          deps.onEffectFailure(error);
        }
      }
      return result;
    },
  };
};

/** A class whose getters make each store at its first use: a unit pays only for the stores that it touches. */
const scopedStores = <Handle, Stores extends object>(factories: StoreFactories<Handle, Stores>) => {
  const names = Object.keys(factories) as (keyof Stores & string)[];
  class ScopedStores {
    readonly handle: Handle;
    readonly scope: TenantScope | null;
    readonly made: unknown[] = Array.from({ length: names.length });
    constructor(handle: Handle, scope: TenantScope | null) {
      this.handle = handle;
      this.scope = scope;
    }
  }
  for (const [index, name] of names.entries()) {
    Object.defineProperty(ScopedStores.prototype, name, {
      get(this: ScopedStores) {
        this.made[index] ??= factories[name](this.handle, this.scope);
        return this.made[index];
      },
    });
  }
  return ScopedStores;
};
