/** An organization, an AAA profile and an account of the demo world, as the documents' examples name them. */
export interface DemoOrganization {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly parent: number | null;
}
export interface DemoProfile {
  readonly short_name: string;
  readonly name: string;
  readonly organization: number;
  readonly check: readonly { attribute: string; op: string; value: string }[];
  readonly reply: readonly { attribute: string; op: string; value: string }[];
}
export interface DemoUser {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly external_id?: string;
  readonly klass?: string;
  readonly is_active: boolean;
  readonly organization: number;
  readonly description?: string;
  readonly date_joined?: string;
  readonly last_login?: string;
  readonly expiration?: string | null;
  readonly groups?: readonly string[];
  readonly aaa_profile?: Readonly<Record<string, unknown>>;
  readonly profile?: readonly string[];
  readonly user_time?: number;
}

export const demoOrganizations: readonly DemoOrganization[] = [
  { id: 1, slug: "acme_corp", name: "Acme Corporation", parent: null },
  { id: 2, slug: "globex", name: "Globex", parent: 1 },
  { id: 3, slug: "acme", name: "Acme Europe", parent: 1 },
  { id: 4, slug: "marketing", name: "Marketing", parent: 1 },
  { id: 5, slug: "newcompany", name: "New Company", parent: 1 },
  { id: 123, slug: "event_guests", name: "Event guests", parent: 1 },
  { id: 456, slug: "techconf", name: "TechConf", parent: 1 },
  { id: 12345, slug: "engineering", name: "Engineering", parent: 1 },
];

export const demoProfiles: readonly DemoProfile[] = [
  {
    short_name: "internet_access",
    name: "Internet access",
    organization: 1,
    check: [],
    reply: [{ attribute: "Service-Type", op: ":=", value: "Framed-User" }],
  },
  {
    short_name: "wifi_premium",
    name: "Wi-Fi premium 50/10 Mbit/s",
    organization: 1,
    check: [],
    reply: [
      { attribute: "WISPr-Bandwidth-Max-Down", op: ":=", value: "50000000" },
      { attribute: "WISPr-Bandwidth-Max-Up", op: ":=", value: "10000000" },
    ],
  },
  {
    short_name: "email_access",
    name: "Mail only",
    organization: 1,
    check: [],
    reply: [{ attribute: "Filter-Id", op: ":=", value: "email-only" }],
  },
  {
    short_name: "vpn_access",
    name: "VPN",
    organization: 1,
    check: [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }],
    reply: [],
  },
];

/** Users 42 and 43 have no extra record, so that the documents' examples can create one. */
export const demoUsers: readonly DemoUser[] = [
  {
    id: 1,
    username: "john_doe",
    password: "demo-john-doe",
    external_id: "EXT-USER-001",
    klass: "premium",
    is_active: true,
    organization: 1,
    description: "Premium user account",
    date_joined: "2024-01-15T10:30:00Z",
    last_login: "2024-01-20T14:25:00Z",
    expiration: "2124-12-31T23:59:59Z",
    profile: ["internet_access", "wifi_premium"],
    user_time: 3600,
  },
  {
    id: 2,
    username: "jane_smith",
    password: "demo-jane-smith",
    external_id: "EXT-USER-002",
    klass: "standard",
    is_active: true,
    organization: 1,
    description: "Standard user account",
    date_joined: "2024-01-16T09:15:00Z",
    last_login: "2024-01-19T16:45:00Z",
    expiration: null,
    profile: ["internet_access"],
    user_time: 1800,
  },
  {
    id: 42,
    username: "john.smith",
    password: "demo-john-smith",
    email: "john.smith@company.com",
    first_name: "John",
    last_name: "Smith",
    organization: 12345,
    is_active: true,
    last_login: "2024-01-15T14:22:30Z",
    date_joined: "2023-08-12T09:15:00Z",
    groups: ["developers", "vpn_users"],
    aaa_profile: { role: "user", department: "Software Engineering", manager: "jane.doe", access_level: "standard" },
  },
  { id: 43, username: "austin.guest", password: "demo-austin", organization: 456, is_active: true },
  {
    id: 12345,
    username: "john.doe",
    password: "demo-john-doe-2",
    email: "john.doe@acme.com",
    first_name: "John",
    last_name: "Doe",
    organization: 3,
    is_active: true,
    last_login: "2024-01-20T09:15:00Z",
    date_joined: "2024-01-15T10:30:00Z",
    aaa_profile: { role: "admin" },
  },
];
