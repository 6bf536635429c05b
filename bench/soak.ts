import { operationOf } from "./operations.ts";
import { readTree } from "./process-tree.ts";
import { showProgress } from "./progress.ts";
import type { MemoryResult, SoakResult } from "./results.ts";
import { loadGatehouse, type Stage } from "./stage.ts";
import { slopeOf } from "./statistics.ts";

export const soakRequests = 1_000_000;
const requestsPerSample = 50_000;

/** What Gatehouse's processes hold in memory now. */
export const readMemory = (stage: Stage): MemoryResult => ({
  requests: stage.answered,
  residentBytes: readTree(stage.gatehouse.pid).residentBytes,
});

/** Lets a Gatehouse that was just started answer a million requests of the mix, and watches its memory: whether it still grows in the second half. */
export const soak = async (stage: Stage, requests = soakRequests): Promise<SoakResult> => {
  const progress = showProgress("soaking", requests);
  const samples: MemoryResult[] = [];
  const before = stage.answered;
  for (let done = 0; done < requests; done = stage.answered - before) {
    await loadGatehouse(stage, operationOf("M1"), { seconds: 0, amount: requestsPerSample });
    samples.push({ ...readMemory(stage), requests: stage.answered - before });
    progress.update(stage.answered - before);
  }
  progress.stop();
  const secondHalf = samples.slice(Math.floor(samples.length / 2));
  return { samples, slope: slopeOf(secondHalf.map((sample) => [sample.requests, sample.residentBytes])) };
};
