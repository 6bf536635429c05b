import { operation } from "../operation.ts";
import { FreeradiusAnswer, FreeradiusPostAuthQuery, FreeradiusRequest } from "../schemas/freeradius.ts";
import { plainQuery } from "../schemas/page.ts";
import { addressInPath } from "../schemas/path.ts";

const shared = { tag: "radius", method: "POST", scope: "radius:write", body: FreeradiusRequest, anyText: true, retry: "unsafe" } as const;

export const radiusAuthorize = operation({
  ...shared,
  operationId: "radius_authorize",
  path: "/radius/authorize/",
  summary: "Answer FreeRADIUS' authorize section",
  description:
    "Decides whether a user is accepted, by the same table as every other source. Refused users are answered 200 with Auth-Type Reject and a Reply-Message. An AAA client that is unknown or out of the token's sight is 404, which FreeRADIUS takes as notfound. For CHAP, MS-CHAP and EAP, which FreeRADIUS checks itself, the answer holds the user's reversible password: the token needs the scope `radius:credentials`, which is given by name.",
  query: plainQuery(),
  success: { status: 200, description: "What FreeRADIUS is to do.", schema: FreeradiusAnswer },
  errors: ["aaa_client.not_found"],
});

export const radiusPostAuth = operation({
  ...shared,
  operationId: "radius_post_auth",
  path: "/radius/post_auth/",
  summary: "Report what FreeRADIUS answered",
  description:
    "Reports the answer that FreeRADIUS has sent. It matters where FreeRADIUS checked the credential itself: an accept is the user's login, a reject is kept as a decision and cancels the reservation: the one whose ticket the request carries in Class, which `deploy/freeradius` copies from the answer, and that of the device in Calling-Station-Id.",
  query: FreeradiusPostAuthQuery,
  success: { status: 204, description: "It is noted." },
  errors: ["aaa_client.not_found"],
});

export const radiusAccounting = operation({
  ...shared,
  operationId: "radius_accounting",
  path: "/radius/accounting/",
  summary: "Store FreeRADIUS' accounting",
  description:
    "Stores an Accounting-Request, of a suspended organization too. Anything but 204 makes FreeRADIUS keep silent, so that the equipment sends it again: acknowledged means stored.",
  whileSuspended: true,
  query: plainQuery(),
  success: { status: 204, description: "It is stored, or needs no storing." },
  errors: ["aaa_client.not_found"],
});

export const radiusClientRead = operation({
  tag: "radius",
  method: "GET",
  scope: "radius:read",
  operationId: "radius_client_read",
  path: "/radius/client/{address}/",
  summary: "Give FreeRADIUS the secret of an AAA client",
  description:
    "What FreeRADIUS' dynamic clients need to take packets from an address: the shared secret of the AAA client that is served there, in clear, and whether a Message-Authenticator is required. The clients of a suspended organization are included: FreeRADIUS asks again every minute, and takes no accounting from a client that it does not know. An address of nobody, or of a client out of the token's sight, is 404: FreeRADIUS keeps silent.",
  whileSuspended: true,
  params: addressInPath,
  query: plainQuery(),
  success: { status: 200, description: "The client, as FreeRADIUS takes it.", schema: FreeradiusAnswer },
  errors: ["aaa_client.not_found"],
  retry: "safe",
});

export const freeradiusOperations = [radiusAuthorize, radiusPostAuth, radiusAccounting, radiusClientRead];
