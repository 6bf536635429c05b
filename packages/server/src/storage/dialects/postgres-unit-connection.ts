import type { PostgresPoolClient } from "kysely";
import type { Places } from "./postgres-places.ts";
import { holdBack } from "./postgres-sending.ts";

/** The connection and the transaction of one unit after another: each has them from its first statement that needs them to its end. */
export class UnitConnection {
  readonly #places: Places;
  #client: PostgresPoolClient | undefined;
  #opening: Promise<void> | undefined;
  #payer = "";
  #takenAtMs = 0;
  /** Ends when everything that was sent is done; rejects with what failed first. */
  #done: Promise<unknown> = Promise.resolve();

  constructor(places: Places) {
    this.#places = places;
  }

  /** A unit of this payer begins. */
  begin(payer: string): void {
    this.#payer = payer;
    this.forgetFailures();
  }

  forgetFailures(): void {
    this.#done = Promise.resolve();
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Whether it is open or waits for a connection. */
  get isWanted(): boolean {
    return this.#opening !== undefined;
  }

  /** Ends when everything that was sent is done. */
  get done(): Promise<unknown> {
    return this.#done;
  }

  /** Nothing goes out before the transaction has begun: should that fail, it would be a transaction by itself. */
  open(): Promise<void> {
    this.#opening ??= this.#begin();
    return this.#opening;
  }

  async #begin(): Promise<void> {
    this.#client = await this.#places.take(this.#payer);
    this.#takenAtMs = performance.now();
    await this.send("begin", []);
  }

  send<Row = unknown>(text: string, values: readonly unknown[]) {
    holdBack(this.#client!);
    return this.#client!.query<Row>(text, values as unknown[]);
  }

  /**
   * Lets a statement follow those that were sent. What follows one that failed fails, too, with a message that says nothing: the
   * first failure is the one to report.
   */
  follow<T>(sent: Promise<T>): Promise<T> {
    sent.catch(() => {});
    const answer = this.#done.then(() => sent);
    answer.catch(() => {});
    this.#done = answer;
    return answer;
  }

  async commit(): Promise<void> {
    const { command } = await this.follow(this.send("commit", []));
    // What a unit has failed at it cannot go on from: PostgreSQL undoes it then.
    if ((command as string) !== "COMMIT") throw new Error("A statement of the unit failed, and the unit went on.");
    this.#release(true);
  }

  async rollback(): Promise<void> {
    // It may still be on its way to a connection, which must not be kept.
    await this.#opening?.catch(() => {});
    if (!this.#client) {
      this.#opening = undefined;
      return;
    }
    // A connection that cannot even undo is not given to anyone else.
    const isSound = await this.#client.query("rollback", []).then(
      () => true,
      () => false,
    );
    this.#release(isSound);
  }

  /** Uses a transaction that is open already and ends without this unit. */
  share(client: PostgresPoolClient): void {
    this.#client = client;
    this.#opening = Promise.resolve();
  }

  leaveShared(): void {
    this.#client = undefined;
    this.#opening = undefined;
  }

  #release(isSound: boolean): void {
    if (this.#client) {
      (this.#client.release as (destroy?: boolean) => void)(!isSound);
      this.#places.leave(this.#payer, this.#takenAtMs);
    }
    this.leaveShared();
  }
}
