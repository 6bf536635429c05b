/** The bytes that one JSON object field of a record may have. */
export const maxJsonBytes = 64 * 1024;

/** The bytes that a value takes as JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
