import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";
import { afterTicks, ticksPerBatch } from "./after-ticks.ts";

/** The single connection through which one process writes, as the queue of units needs it. */
export interface WriterConnection {
  /** Runs one statement that returns nothing. Throws on failure. */
  execute(statement: "begin immediate" | "commit" | "rollback" | "savepoint unit" | "release unit" | "rollback to unit"): void;
  /** Asked before units begin: a promise where they must wait, which never rejects. */
  pause(): Promise<void> | undefined;
  /** Resolves when what is committed is on disk. Where it rejects, nobody knows what is. */
  flush(): Promise<void>;
  /** Whether an error says that another process holds the write lock. */
  isBusy(error: unknown): boolean;
  /** Whether the transaction is still open: some errors end it. */
  inTransaction(): boolean;
}

/** The errors of callers whose unit is not what failed. */
export interface WriterErrors {
  /** Another process has kept the write lock for too long. */
  busy(): Error;
  /** The disk has failed to keep what was written. */
  notKept(cause: unknown): Error;
}

interface Waiting {
  run(): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** At most this many units share one flush to disk, and none is begun after this time: their callers wait for the flush. */
const unitsPerFlush = 64;
const flushMs = 4;
/** How long units hold the event loop before they let reading go on. */
const heldMs = 1;
/** How long to ask for the write lock before giving up, and how long to pause between asking. */
const lockPatienceMs = 10_000;
const lockPauseMs = 20;

/**
 * Runs units strictly one after another, each in its savepoint; those that wait together are committed by one flush
 * and answered after it. (Savepoints of interleaved units would destroy each other.) Payers take turns by the time that
 * their units took: behind a flood of arrays of one tenant, a unit of another waits for one of them.
 */
export class Writer {
  readonly #connection: WriterConnection;
  readonly #queue = new TurnsOfPayers<Waiting>();
  readonly #errors: WriterErrors;
  readonly #nowMs: () => number;
  #draining = false;
  #drained: Promise<void> = Promise.resolve();
  #heldSinceMs = 0;
  #units = 0;
  #flushes = 0;
  #flushFailure: Error | undefined;

  constructor(connection: WriterConnection, errors: WriterErrors, nowMs: () => number = () => performance.now()) {
    this.#connection = connection;
    this.#errors = errors;
    this.#nowMs = nowMs;
  }

  run<T>(unit: () => Promise<T>, payer = ""): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push(payer, { run: unit, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#draining) {
        this.#draining = true;
        this.#drained = new Promise((drained) => afterTicks(ticksPerBatch, () => void this.#drain().then(drained)));
      }
    });
  }

  /** Resolves when no unit waits or is at work, and all that ended are on disk. */
  async settle(): Promise<void> {
    while (this.#draining) await this.#drained;
  }

  /** Asked between the statements of a unit: a promise when units have held the event loop for long, to be awaited. */
  giveWay(): Promise<void> | undefined {
    return performance.now() - this.#heldSinceMs < heldMs ? undefined : this.#pause(1);
  }

  /** How many units ended and how many flushes they took, and how many wait. */
  get figures(): { units: number; flushes: number; unitsWaiting: number } {
    return { units: this.#units, flushes: this.#flushes, unitsWaiting: this.#queue.length };
  }

  async #pause(ticks: number): Promise<void> {
    await new Promise<void>((resolve) => afterTicks(ticks, resolve));
    this.#heldSinceMs = performance.now();
  }

  async #drain(): Promise<void> {
    this.#heldSinceMs = performance.now();
    while (this.#queue.length > 0) {
      await this.#flush();
      // Reading goes on between two flushes, however many units wait.
      if (this.#queue.length > 0) await this.#pause(ticksPerBatch);
    }
    this.#draining = false;
  }

  /** Runs waiting units and commits them together. Whatever fails, every unit taken is answered and the queue goes on. */
  async #flush(): Promise<void> {
    const taken: Waiting[] = [];
    const answers: (() => void)[] = [];
    try {
      if (this.#flushFailure) throw this.#flushFailure;
      await this.#connection.pause();
      await this.#begin();
      let beganMs = this.#nowMs();
      const endsAtMs = beganMs + flushMs;
      do {
        const { payer, item: unit } = this.#queue.take()!;
        taken.push(unit);
        answers.push(await this.#runUnit(unit));
        const endedMs = this.#nowMs();
        this.#queue.charge(payer, endedMs - beganMs);
        beganMs = endedMs;
      } while (this.#queue.length > 0 && taken.length < unitsPerFlush && beganMs < endsAtMs);
      this.#connection.execute("commit");
      await this.#flushToDisk();
    } catch (error) {
      // Before a unit is taken only the beginning can fail, or the disk has failed before: then the whole queue learns of it.
      if (taken.length === 0) taken.push(...this.#queue.takeAll());
      this.#rollBack();
      for (const unit of taken) unit.reject(error);
      return;
    }
    this.#units += taken.length;
    this.#flushes += 1;
    for (const answer of answers) answer();
  }

  /** After a failed flush the system may take what is lost for written, so that no later flush can be believed. */
  async #flushToDisk(): Promise<void> {
    try {
      await this.#connection.flush();
    } catch (error) {
      this.#flushFailure = this.#errors.notKept(error);
      throw this.#flushFailure;
    }
  }

  /** Runs one unit in its savepoint; returns how to answer it once the flush is on disk. */
  async #runUnit(unit: Waiting): Promise<() => void> {
    this.#connection.execute("savepoint unit");
    let value: unknown;
    try {
      value = await unit.run();
    } catch (error) {
      this.#connection.execute("rollback to unit");
      this.#connection.execute("release unit");
      return () => unit.reject(error);
    }
    this.#connection.execute("release unit");
    return () => unit.resolve(value);
  }

  /** Ends what is left of a failed transaction; some errors have ended it already. */
  #rollBack(): void {
    try {
      if (this.#connection.inTransaction()) this.#connection.execute("rollback");
    } catch {
      // The error that led here is the one to report; the next flush begins anew.
    }
  }

  /** Another process, such as a command, may hold the lock for a moment: ask again without blocking this one. */
  async #begin(): Promise<void> {
    const givesUpAtMs = performance.now() + lockPatienceMs;
    for (;;) {
      try {
        this.#connection.execute("begin immediate");
        return;
      } catch (error) {
        if (!this.#connection.isBusy(error)) throw error;
        if (performance.now() >= givesUpAtMs) throw this.#errors.busy();
        await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
      }
    }
  }
}
