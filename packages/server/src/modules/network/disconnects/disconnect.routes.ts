import { formatInstant, operations } from "@gatehouse-aaa/contract";
import { bind, type Route } from "../../../http/route.ts";
import type { Disconnects } from "./disconnect.service.ts";

export const disconnectRoutes = ({ service }: { service: Disconnects }): Route[] => [
  bind(operations.aaaAccountingDisconnect, async (call) => {
    const { session, createdAtMs } = await service.disconnect(
      call.caller,
      call.operationId,
      call.params.radacctid,
      call.body.reason ?? null,
    );
    return { body: { session: session.id, kind: "disconnect", state: "waiting", created_at: formatInstant(createdAtMs) } };
  }),
];
