import type { Config } from "../config/settings.ts";
import type { Clock, Delay } from "../kernel/clock.ts";
import { createDynamicAuthorizationClient, type UdpClient } from "../radius/dynamic-authorization/dynamic-authorization-client.ts";

/** Sends CoA-Requests and Disconnect-Requests as the configuration says. */
export const createCoaClient = ({ coaLocal, radiusSourceAddresses }: Config, clock: Clock, delay: Delay): UdpClient =>
  createDynamicAuthorizationClient({ clock, localDestinations: coaLocal, sourceAddresses: radiusSourceAddresses, delay });
