import type { Logger } from "pino";
import type { ClientReports } from "./served-clients.ts";

/** What the log says of AAA clients and their addresses. */
export const clientReports = (logger: Logger): ClientReports => ({
  renamed({ id, organizationId }, { name, addresses, refused }) {
    const change = { client: id, organization: organizationId, name, addresses, refused };
    if (refused.length > 0) logger.warn(change, "a DNS name has addresses that its AAA client may not have");
    else logger.info(change, "a DNS name gives its AAA client other addresses");
  },
  disputed: (grants) => {
    if (grants.length === 0) return;
    const networks = grants.slice(0, 20).map(({ id, organizationId, network }) => ({ grant: id, organization: organizationId, network }));
    logger.warn({ networks, count: grants.length }, "address grants of organizations overlap; /address_grant/?disputed=true lists them");
  },
  damaged: (damaged) => {
    if (damaged.length === 0) return;
    const clients = damaged.slice(0, 20).map(({ id, organizationId }) => ({ client: id, organization: organizationId }));
    logger.error(
      { clients, count: damaged.length },
      "AAA clients cannot be read from their rows; nothing from their addresses is answered",
    );
  },
});
