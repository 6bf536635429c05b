/** A class whose getters make each store at its first use: a unit pays only for the stores that it touches. */
export const scopedStores = <Handle, Scope, Stores extends object>(
  factories: {
    readonly [Name in keyof Stores]: (handle: Handle, scope: Scope | null) => Stores[Name];
  },
) => {
  const names = Object.keys(factories) as (keyof Stores & string)[];
  class ScopedStores {
    readonly handle: Handle;
    readonly scope: Scope | null;
    readonly made: unknown[] = Array.from({ length: names.length });
    constructor(handle: Handle, scope: Scope | null) {
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
