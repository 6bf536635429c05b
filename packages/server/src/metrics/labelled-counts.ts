import type { Sample } from "./family.ts";

type Labels = Readonly<Record<string, string>>;

/** Counts of what happens, apart by their labels. The caller bounds how many there are: each is a line that Prometheus keeps. */
export const createLabelledCounts = () => {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(labels: Labels): void {
      const key = Object.values(labels).join(" ");
      const found = counts.get(key);
      if (found) found.value += 1;
      else counts.set(key, { labels, value: 1 });
    },
    samples: (): Sample[] => [...counts.values()].map(({ labels, value }) => ({ labels, value })),
  };
};
