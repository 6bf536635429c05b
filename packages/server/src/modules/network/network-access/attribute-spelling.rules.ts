/** How the dictionary writes names and values, so that texts can be compared, and which of them are secrets. */
export interface AttributeSpelling {
  name(name: string): string;
  value(name: string, value: string): string;
  /** Whether an attribute holds a password or a key, which no trace and no decision shows. */
  isSecret(name: string, value: string): boolean;
}

/** How the dictionary reads what a request says. */
export interface RequestSpelling {
  /** An attribute of a request, also by its numbers; undefined of a secret that nothing is compared with. */
  received(name: string, value: string): { readonly name: string; readonly value: string } | undefined;
}

/** A request's attributes as the dictionary writes them; what it does not know stays as it was written. */
export const spelled = (
  attributes: Readonly<Record<string, string | readonly string[]>>,
  spelling: RequestSpelling,
): Record<string, string[]> => {
  const result: Record<string, string[]> = Object.create(null);
  for (const [given, values] of Object.entries(attributes)) {
    for (const text of [values].flat()) {
      const read = spelling.received(given, text);
      if (read !== undefined) result[read.name] = [...(result[read.name] ?? []), read.value];
    }
  }
  return result;
};
