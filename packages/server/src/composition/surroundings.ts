import type { WriteSender } from "../handover/write-sender.ts";
import type { AnsweredRequest } from "../http/dependencies.ts";
import type { Delay } from "../kernel/clock.ts";
import type { Collector } from "../metrics/family.ts";
import type { NameLookup } from "../modules/network/aaa-clients/index.ts";

/** What stands around an app in its process. An app alone needs none of it. */
export interface Surroundings {
  /** Figures of the process beside the app's own, such as its log. */
  readonly collectors?: readonly Collector[];
  /** Writes the metrics of all workers together. */
  readonly gatherMetrics?: () => Promise<string>;
  /** Where this process hands its writes to. Without it, it writes itself. */
  readonly writes?: WriteSender;
  /** Writes the line of an answered request; without it the logger does. */
  readonly logRequest?: (request: AnsweredRequest) => void;
  /** What keeps the other workers of this node from their work. */
  readonly troublesOfOthers?: () => readonly string[];
  /** Whether other workers of this node listen at the same RADIUS ports. */
  readonly sharesRadiusPorts?: boolean;
  /** How DNS is asked. */
  readonly lookup?: NameLookup;
  /** How waits pass: for the answers of network equipment, and of those who are refused. */
  readonly delay?: Delay;
}
