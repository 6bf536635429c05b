/** A record as the audit trail keeps it: plain JSON with secrets masked; `organization` is the owner's id. */
export type Image = Readonly<Record<string, unknown>> & { readonly organization: number };

/**
 * The one noun for everything that happened. A service records one in the transaction of each write; the handlers
 * listed in app.ts make of it the audit row, the outbox event and the kept counts.
 */
export interface Change {
  /** The operation id of the API, or the command. */
  readonly operation: string;
  readonly resource: string;
  readonly resourceId: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  /** Null when the record was made by this change. */
  readonly before: Image | null;
  /** Null when the record was deleted by this change. */
  readonly after: Image | null;
}

/** What happened to the record, in the words of event names. */
export const verbOf = (change: Change): "created" | "updated" | "deleted" =>
  change.before === null ? "created" : change.after === null ? "deleted" : "updated";
