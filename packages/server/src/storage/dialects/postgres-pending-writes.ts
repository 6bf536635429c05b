import type { OptimisticLock } from "../runner.ts";
import { type Composed, isLarge, ordered, together, type Waiting } from "./postgres-composed.ts";

/** What a unit has locked optimistically and written, as far as it was not sent yet. */
export class PendingWrites {
  #locks: OptimisticLock[] = [];
  #writes: Waiting[] = [];

  get hasWrites(): boolean {
    return this.#writes.length > 0;
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0 && this.#locks.length === 0;
  }

  /** Whether the writes are too many to travel as one statement. */
  get isLarge(): boolean {
    return isLarge(this.#writes);
  }

  writesTo(table: string): boolean {
    return this.#writes.some((write) => write.table === table);
  }

  lock(lock: OptimisticLock): void {
    this.#locks.push(lock);
  }

  /** Lets a write wait with the others; false where it cannot be one statement with them, so that they must be sent before. */
  add(write: Waiting): boolean {
    const index = this.#writes.findIndex(({ table }) => table === write.table);
    const joined = index === -1 ? write : together(this.#writes[index]!, write);
    if (!joined) return false;
    if (index === -1) this.#writes.push(joined);
    else this.#writes[index] = joined;
    return true;
  }

  /** Everything that waits, to be sent now. */
  take(): Composed {
    const taken = { locks: this.#locks, writes: this.#writes.map(ordered) };
    this.clear();
    return taken;
  }

  clear(): void {
    this.#locks = [];
    this.#writes = [];
  }
}
