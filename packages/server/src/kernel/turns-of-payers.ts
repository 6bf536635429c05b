interface Payer<Item> {
  readonly items: Item[];
  /** Up to where it is served, on the clock of all. */
  had: number;
}

/**
 * What waits for a database, each piece at a payer's expense: the payer that has had least is next, and is charged what its
 * piece turned out to cost. Within a payer the order is that of arrival. Who comes back from idleness has saved nothing, and
 * who had too much owes it for as long as anybody waits.
 */
export class TurnsOfPayers<Item> {
  readonly #payers = new Map<string, Payer<Item>>();
  #clock = 0;
  #waiting = 0;

  get length(): number {
    return this.#waiting;
  }

  push(payer: string, item: Item): void {
    let one = this.#payers.get(payer);
    if (one === undefined) {
      one = { items: [], had: this.#clock };
      this.#payers.set(payer, one);
    } else if (one.items.length === 0) {
      one.had = Math.max(one.had, this.#clock);
    }
    one.items.push(item);
    this.#waiting += 1;
  }

  /** The next piece of the payer whose turn it is, of those that may have one; undefined where none of them waits. */
  take(may: (payer: string) => boolean = () => true): { readonly payer: string; readonly item: Item } | undefined {
    let payer: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [name, { items, had }] of this.#payers) {
      if (items.length === 0 || had >= least || !may(name)) continue;
      payer = name;
      least = had;
    }
    if (payer === undefined) return undefined;
    const one = this.#payers.get(payer)!;
    this.#clock = Math.max(this.#clock, one.had);
    this.#waiting -= 1;
    // Of equals the one that was served longest ago is next.
    this.#payers.delete(payer);
    this.#payers.set(payer, one);
    return { payer, item: one.items.shift()! };
  }

  /** Takes everything, in the order of turns that cost the same. */
  takeAll(): Item[] {
    const items: Item[] = [];
    for (let taken = this.take(); taken !== undefined; taken = this.take()) {
      items.push(taken.item);
      this.charge(taken.payer, 1);
    }
    return items;
  }

  /** What a piece that was taken has cost, in any unit. */
  charge(payer: string, cost: number): void {
    if (this.#waiting === 0) {
      this.#payers.clear();
      this.#clock = 0;
      return;
    }
    const one = this.#payers.get(payer);
    if (one) one.had += cost;
    for (const [name, { items, had }] of this.#payers) if (items.length === 0 && had <= this.#clock) this.#payers.delete(name);
  }
}
