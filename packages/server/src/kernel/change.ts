/** A record as the audit trail keeps it: plain JSON with secrets masked; `organization` is the owner's id. */
export type Image = Readonly<Record<string, unknown>> & { readonly organization: number };

/**
 * One write, as the audit trail, the outbox and the kept counts see it. Every service records one in the transaction of each write;
 * composition lists the handlers.
 */
export interface Change {
  /** The operation id of the API, or the command. */
  readonly operation: string;
  readonly resource: string;
  readonly resourceId: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  /** Null when the record was made by this change. */
  readonly before: Image | null;
  /** Null when the record was deleted by this change. */
  readonly after: Image | null;
}

/** What happened to the record, in the words of event names. */
export const verbOf = (change: Change): "created" | "updated" | "deleted" =>
  change.before === null ? "created" : change.after === null ? "deleted" : "updated";

/** A record that belongs to an organization. */
export interface OwnedRecord {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
}

/** A change of one record, with its images. */
export interface RecordChange extends Pick<Change, "operation" | "resource" | "before" | "after"> {
  /** The record after the change; before it where the change deletes it. */
  readonly record: OwnedRecord;
}

/** Records the Change of one record in the unit that writes it. */
export const recordChange = (tx: { record(change: Change): void }, { operation, resource, record, before, after }: RecordChange): void => {
  const { id, namespaceId, organizationId } = record;
  tx.record({ operation, resource, resourceId: id, namespaceId, organizationId, before, after });
};
