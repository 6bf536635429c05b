/** A breach of a rule: what it is known by in a list of exceptions, and a sentence for whoever has to mend it. */
export interface Fault {
  readonly key: string;
  readonly sentence: string;
}

/** Faults that no exception covers, and exceptions that cover nothing. Each exception carries its reason. */
export const unexcused = (faults: readonly Fault[], exceptions: Readonly<Record<string, string>>): string[] => {
  const keys = new Set(faults.map(({ key }) => key));
  return [
    ...faults.filter(({ key }) => !(key in exceptions)).map(({ sentence }) => sentence),
    ...Object.keys(exceptions)
      .filter((key) => !keys.has(key))
      .map((key) => `${key} needs no exception any more: take it off the list`),
  ];
};
