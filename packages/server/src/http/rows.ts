/** The rows of a body that is one object or several, and how to answer in the same shape. */
export const rowsOf = <Body>(body: Body | Body[]): { rows: { prefix: string; body: Body }[]; isArray: boolean } =>
  Array.isArray(body)
    ? { rows: body.map((row, index) => ({ prefix: `${index}.`, body: row })), isArray: true }
    : { rows: [{ prefix: "", body }], isArray: false };
