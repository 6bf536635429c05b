/** The packet types of RADIUS that Gatehouse speaks (RFC 2865 §3, RFC 2866 §3, RFC 5997 §3, RFC 5176 §2.3). */
export const packetCode = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
  accessChallenge: 11,
  statusServer: 12,
  disconnectRequest: 40,
  disconnectAck: 41,
  disconnectNak: 42,
  coaRequest: 43,
  coaAck: 44,
  coaNak: 45,
} as const;

/** Attributes that the protocol itself reads and writes, by their numbers. */
export const attributeNumber = {
  userName: 1,
  userPassword: 2,
  chapPassword: 3,
  vendorSpecific: 26,
  callingStationId: 31,
  proxyState: 33,
  eventTimestamp: 55,
  chapChallenge: 60,
  eapMessage: 79,
  messageAuthenticator: 80,
  errorCause: 101,
} as const;
