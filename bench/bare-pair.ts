import { type BareQuestion, bareFile } from "./bare-question.ts";
import { startChild } from "./child.ts";
import { operationOf } from "./operations.ts";
import type { OperationResult } from "./results.ts";
import { inTurns, teachBare } from "./rounds.ts";
import { cpuMeter, loadAddress, loadBare, type Stage } from "./stage.ts";

/**
 * What a second process costs by itself: two bare servers on one port (`ours` of the result) beside one. What this is above 1, no
 * server with two processes can be without, for the machine and its kernel take it.
 */
export const measureBarePair = async (stage: Stage): Promise<OperationResult> => {
  const operation = operationOf("R1");
  const { address, answers } = await teachBare(stage, operation);
  const pair = [startChild<BareQuestion, string>(bareFile), startChild<BareQuestion, string>(bareFile)] as const;
  const shared = await pair[0].ask({ answers, port: 0, isShared: true });
  await pair[1].ask({ answers, port: Number(new URL(shared).port), isShared: true });
  const loadPair = async () => {
    const meters = pair.map(({ pid }) => cpuMeter(pid, undefined));
    const figures = await loadAddress(stage, operation, shared);
    const used = meters.reduce((sum, meter) => sum + meter().applicationCpuSeconds, 0);
    return { ...figures, applicationCpuSeconds: used, databaseCpuSeconds: 0 };
  };
  const loadOne = () => loadBare(stage, operation, address);
  await loadOne();
  await loadPair();
  const measured = await inTurns(stage.rounds, loadOne, loadPair);
  for (const child of pair) await child.stop();
  return measured;
};
