/** Does something with each item, few at a time and in order: a long list stands in no line as a whole. The first failure ends it. */
export const inTurns = async <Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let begun = 0;
  let hasFailed = false;
  const goOn = async (): Promise<void> => {
    while (begun < items.length && !hasFailed) {
      const index = begun;
      begun += 1;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, goOn));
  return results;
};
