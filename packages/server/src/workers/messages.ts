import type { Family } from "../metrics/family.ts";

/** What a worker does: everything; or, on a database with one writer, everything for all, or its own reading. */
export type Role = "node" | "writer" | "reader";

/** What a worker is to do: what it needs to know beside the configuration. */
export interface Task {
  /** From 1; a worker that takes the place of a dead one has its number. */
  readonly worker: number;
  readonly role: Role;
  readonly port: number;
  /** The socket on which the writer takes the writes of the readers. */
  readonly writerSocket: string;
}

/** From the primary to a worker. */
export type Order =
  | { readonly kind: "begin"; readonly task: Task }
  | { readonly kind: "end" }
  /** Asks for the worker's own figures. */
  | { readonly kind: "report"; readonly id: number }
  /** What keeps the other workers from their work, sent anew when it changes. */
  | { readonly kind: "troubles"; readonly troubles: readonly string[] }
  /** Answers with the metrics of all; without a text when they could not be put together. */
  | { readonly kind: "metrics"; readonly id: number; readonly text?: string };

/** From a worker to the primary. */
export type Word =
  /** The program is loaded; the worker waits for its task. */
  | { readonly kind: "loaded" }
  | { readonly kind: "listening"; readonly address: string }
  /** It could not start, in words for the person who started it. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "report"; readonly id: number; readonly families: readonly Family[] }
  /** What keeps this worker from its work, sent anew when it changes. */
  | { readonly kind: "troubles"; readonly troubles: readonly string[] }
  /** Asks for the metrics of all. */
  | { readonly kind: "metrics"; readonly id: number };
