const longest = 253;

/** A text of equipment as a column takes it: well formed, without U+0000, and no longer than an attribute can be. */
export const storableText = (text: string | undefined): string | null =>
  text === undefined ? null : text.slice(0, longest).toWellFormed().replaceAll("\u0000", "\uFFFD");

/** Whether a text can be the value of a column as it is; one that cannot names nothing that is stored. */
export const isStorable = (text: string): boolean => text.length <= longest && text.isWellFormed() && !text.includes("\u0000");
