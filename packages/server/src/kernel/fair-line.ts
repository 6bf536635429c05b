/**
 * Who pays for a piece of work, from the wide to the narrow: the organization directly below the root, in it the client or
 * token, in that the device or request. Many tokens, clients or child organizations multiply nothing.
 */
export type Share = readonly [organization: string, payer: string, source: string];

export interface FairLineRules {
  /** How many pieces of work run at once. */
  readonly running: number;
  /** How many may wait, of all shares together. */
  readonly waiting: number;
  /**
   * Whether a share may have one more running, at a depth of 0 for an organization: `own` runs already, and so many places
   * are free. Without it, a share may have all.
   */
  readonly mayStart?: (depth: number, own: number, free: number) => boolean;
}

/**
 * How many times the free places an organization, a client and a device may hold (as the dynamic thresholds of switches
 * share their memory, Choudhury and Hahne 1998): alone they have nearly all, and what one's database locks hold up
 * never takes the last place from the others.
 */
const timesFree = [3, 1, 0.5] as const;
export const leavesRoom: NonNullable<FairLineRules["mayStart"]> = (depth, own, free) => own <= Math.max(1, free * timesFree[depth]!);

/** A line in which shares take turns, at every depth: who sends a flood waits behind it alone. */
export interface FairLine<Item> {
  /**
   * Takes an item in line, at a cost in any unit. Where the line is full, the newest item of the longest share leaves it and
   * is returned: that may be this one.
   */
  add(share: Share, item: Item, cost?: number): Item | undefined;
  /** The item whose turn it is, where one may begin: it counts as running until `end` is called with its share. */
  next(): Item | undefined;
  /** What `next` gave has ended. */
  end(share: Share): void;
  /** Whether an item of a share would find a place. */
  hasRoom(share: Share): boolean;
  readonly waiting: number;
  readonly running: number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly cost: number;
}

/** A share, or a share of one; the ends hold the items. */
interface Node<Item> {
  readonly name: string;
  /** In the order in which they came to wait. */
  readonly children: Map<string, Node<Item>>;
  readonly items: Waiting<Item>[];
  waiting: number;
  running: number;
  /** Up to where this share is served, on its parent's clock. */
  had: number;
  /** The clock of its children: up to where the one is served that began last. */
  clock: number;
}

const depths = [0, 1, 2] as const;
/** Shares that are idle and still have had too much are looked through where they are more than this. */
const keptDebtors = 64;

/**
 * Self-clocked fair queueing (Golestani 1994) in three layers: of the children that wait, the one that has had least
 * begins, and is charged what its item costs. Who comes back from idleness stands behind the one that is served: nobody
 * saves up, a debt stays while the line is busy, and a stream of newcomers does not overtake who waits.
 */
export const createFairLine = <Item>(rules: FairLineRules): FairLine<Item> => {
  const root = newNode<Item>("", 0);

  const mayStart = (depth: number, node: Node<Item>): boolean =>
    rules.mayStart === undefined || rules.mayStart(depth, node.running, rules.running - root.running);

  /** Takes the item of the child that has had least, of those that may start; one that waits may still have no such child. */
  const take = (node: Node<Item>, depth: number, passedOver?: Set<Node<Item>>): Waiting<Item> | undefined => {
    if (depth > 2) return node.items.shift();
    let least: Node<Item> | undefined;
    for (const child of node.children.values()) {
      if (child.waiting === 0 || (least !== undefined && child.had >= least.had)) continue;
      if (!mayStart(depth, child) || passedOver?.has(child)) continue;
      least = child;
    }
    if (least === undefined) return undefined;
    const taken = take(least, depth + 1);
    if (taken === undefined) return take(node, depth, (passedOver ?? new Set()).add(least));
    node.clock = Math.max(node.clock, least.had + 1);
    least.had += taken.cost;
    least.waiting -= 1;
    least.running += 1;
    putLast(node, least);
    return taken;
  };

  /** The way to the item that leaves when one too many is there: the longest of the longest, and of equals the newcomer's. */
  const longest = (newcomer: readonly Node<Item>[]): Node<Item>[] => {
    const path = [root];
    for (const depth of depths) {
      let found = newcomer[depth] === path[depth] ? newcomer[depth + 1]! : undefined;
      for (const child of path[depth]!.children.values()) if (child.waiting > (found?.waiting ?? 0)) found = child;
      path.push(found!);
    }
    return path;
  };

  /** What may begin at once does not count as waiting. */
  const mostWaiting = (): number => rules.waiting + Math.max(0, rules.running - root.running);

  const count = (path: readonly Node<Item>[], one: 1 | -1): void => {
    for (const node of path) node.waiting += one;
  };

  return {
    add(share, item, cost = 1) {
      const path = pathOf(root, share);
      count(path, 1);
      path[3]!.items.push({ item, cost: Math.max(1, cost) });
      if (root.waiting <= mostWaiting()) return undefined;
      const leaving = longest(path);
      const left = leaving[3]!.items.pop()!;
      count(leaving, -1);
      tidy(leaving);
      return left.item;
    },
    next() {
      if (root.running >= rules.running || root.waiting === 0) return undefined;
      const taken = take(root, 0);
      if (taken === undefined) return undefined;
      root.waiting -= 1;
      root.running += 1;
      return taken.item;
    },
    end(share) {
      const path = pathOf(root, share);
      for (const node of path) node.running -= 1;
      tidy(path);
    },
    hasRoom(share) {
      if (root.waiting < mostWaiting()) return true;
      const path = pathOf(root, share);
      count(path, 1);
      const isOthers = longest(path)[3] !== path[3];
      count(path, -1);
      tidy(path);
      return isOthers;
    },
    get waiting() {
      return root.waiting;
    },
    get running() {
      return root.running;
    },
  };
};

const newNode = <Item>(name: string, had: number): Node<Item> => ({
  name,
  children: new Map(),
  items: [],
  waiting: 0,
  running: 0,
  had,
  clock: 0,
});

/** The shares from the root to the end; who is new or comes back stands where the others are, behind them. */
const pathOf = <Item>(root: Node<Item>, share: Share): Node<Item>[] => {
  const path = [root];
  for (const depth of depths) {
    const parent = path[depth]!;
    let child = parent.children.get(share[depth]);
    if (child === undefined) {
      child = newNode(share[depth], parent.clock);
      parent.children.set(child.name, child);
    } else if (child.waiting === 0 && child.had < parent.clock) {
      child.had = parent.clock;
      putLast(parent, child);
    }
    path.push(child);
  }
  return path;
};

const putLast = <Item>(parent: Node<Item>, child: Node<Item>): void => {
  if (parent.children.size === 1) return;
  parent.children.delete(child.name);
  parent.children.set(child.name, child);
};

const isForgettable = <Item>(parent: Node<Item>, child: Node<Item>): boolean =>
  child.waiting + child.running === 0 && (parent.waiting + parent.running === 0 || child.had <= parent.clock);

/** Forgets the shares of a path that nobody uses and that owe nothing; with the last one, everything. */
const tidy = <Item>(path: readonly Node<Item>[]): void => {
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const [parent, child] = [path[depth - 1]!, path[depth]!];
    if (isForgettable(parent, child)) parent.children.delete(child.name);
    if (parent.children.size > keptDebtors)
      for (const other of parent.children.values()) if (isForgettable(parent, other)) parent.children.delete(other.name);
  }
  if (path[0]!.waiting + path[0]!.running === 0) path[0]!.children.clear();
};
