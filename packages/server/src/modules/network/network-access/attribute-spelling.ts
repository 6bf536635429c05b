/** How the dictionary writes names and values, so that texts can be compared, and which of them are secrets. */
export interface AttributeSpelling {
  name(name: string): string;
  value(name: string, value: string): string;
  /** Whether an attribute holds a password or a key, which no trace and no decision shows. */
  isSecret(name: string, value: string): boolean;
}

/** A request's attributes as the dictionary writes them; what it does not know stays as it was written. */
export const spelled = (
  attributes: Readonly<Record<string, string | readonly string[]>>,
  spelling: AttributeSpelling,
): Record<string, string[]> => {
  const result: Record<string, string[]> = Object.create(null);
  for (const [given, values] of Object.entries(attributes)) {
    const name = spelling.name(given);
    result[name] = [...(result[name] ?? []), ...[values].flat().map((value) => spelling.value(name, value))];
  }
  return result;
};
