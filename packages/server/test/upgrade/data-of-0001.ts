/**
 * A database as the first release could have left it, in SQL that both databases take. The rows are frozen: a later
 * schema must carry them over, whatever it does.
 */
export const dataOf0001: readonly string[] = [
  `insert into installation (name, value) values ('root_organization', '1'), ('first_token', '1')`,
  `insert into id_block (noun, next_id) values ('organization', 8), ('api_token', 3), ('aaa_profile', 4), ('user', 60), ('time_ledger_id', 10)`,
  `insert into organization (name_space_id, id, parent_id, slug, name, name_key, description, own_usernames, is_active, created_at, last_change, version) values
    (1, 1, null, 'root', 'Root', 'root', null, true, true, 1700000000000, 1700000000000, 1),
    (1, 2, 1, 'cafe', 'Café', 'café', 'with an accent', false, true, 1700000000000, 1700000000000, 3),
    (7, 7, 1, 'hotel', 'Hotel', 'hotel', null, true, false, 1700000000000, 1700000000000, 1)`,
  // The SHA-256 of "token-of-the-first-release-0123456789", and a revoked one.
  `insert into api_token (name_space_id, id, organization_id, created_at, last_change, version, name, token_hash, scopes, expires_at, revoked_at, last_used_at) values
    (1, 1, 1, 1700000000000, 1700000000000, 1, 'First token', '{TOKEN_HASH}', '["admin"]', null, null, null),
    (1, 2, 1, 1700000000000, 1700000000000, 2, 'Revoked', 'no-hash-at-all', '["user:read"]', null, 1700000001000, null)`,
  `insert into aaa_profile (name_space_id, id, organization_id, created_at, last_change, version, short_name, name, description, check_attributes, reply_attributes) values
    (1, 3, 1, 1700000000000, 1700000000000, 1, 'gold', 'Gold', null, '[]', '[{"attribute":"Filter-Id","op":":=","value":"gold"}]')`,
  `insert into user_account (name_space_id, id, organization_id, username, username_key, password_hash, email, first_name, last_name, external_id, klass, description, avatar_url, is_active, groups, aaa_profile, role, profile_names, expiration, date_joined, first_login, last_login, last_change, version) values
    (1, 50, 2, 'Straße', 'strasse', '$2b$10$hash', 'a@example.com', 'Änne', null, 'X-1', 'gold', 'd', 'https://example.com/a.png', true, '["staff","night"]', '{"role":"clerk","z":1,"a":[null]}', 'clerk', '["gold"]', 4000000000000, 1700000000000, 1700000002000, 1700000003000, 1700000004000, 5),
    (7, 51, 7, 'strasse', 'strasse', null, null, null, null, 'X-1', null, null, null, false, '[]', '{}', null, '[]', null, 1700000000000, null, null, 1700000000000, 1)`,
  `insert into user_group (name_space_id, user_id, name) values (1, 50, 'staff'), (1, 50, 'night')`,
  `insert into user_profile (name_space_id, user_id, position, profile_name_space_id, profile_id) values (1, 50, 0, 1, 3)`,
  `insert into time_balance (name_space_id, user_id, seconds) values (1, 50, 3000)`,
  `insert into time_ledger (name_space_id, id, organization_id, user_id, pseudonym, delta, balance_after, reason, actor, created_at) values
    (1, 1, 2, 50, null, 3600, 3600, 'opening credit', 'api_token:1', 1700000000000),
    (1, 2, 2, 50, null, -600, 3000, null, 'api_token:1', 1700000001000),
    (1, 3, 2, null, 'pseudonym-1', 60, 60, null, 'api_token:1', 1700000001000)`,
  `insert into audit_entry (name_space_id, id, organization_id, created_at, actor_kind, actor_id, actor_name, operation, resource, resource_id, before, after, request_id, address) values
    (1, 'audit-1', 2, 1700000000000, 'api_token', 1, 'First token', 'user_create', 'user', 50, null, '{"organization":2,"username":"Straße"}', 'r-1', '127.0.0.1')`,
  `insert into outbox_event (name_space_id, id, organization_id, created_at, event, resource_id, audit_entry_id) values (1, 'event-1', 2, 1700000000000, 'user.created', 50, 'audit-1')`,
  `insert into kept_count (name_space_id, organization_id, counted, slot, total) values (1, 2, 'user.active', 0, 1), (1, 0, 'user.active', 0, 1), (7, 7, 'user.inactive', 0, 1), (7, 0, 'user.inactive', 0, 1)`,
];

/** The accounts of those rows, whose search index each database keeps in its own way. */
export const searchedIn0001 = [
  { id: 50, text: "strasse" },
  { id: 51, text: "strasse" },
];

export const tokenOf0001 = "token-of-the-first-release-0123456789";

/** What the API shows of account 50. */
export const account50 = {
  id: 50,
  username: "Straße",
  email: "a@example.com",
  first_name: "Änne",
  last_name: null,
  organization: "cafe",
  is_active: true,
  last_login: "2023-11-14T22:13:23Z",
  date_joined: "2023-11-14T22:13:20Z",
  groups: ["staff", "night"],
  aaa_profile: { role: "clerk", z: 1, a: [null] },
  external_id: "X-1",
  klass: "gold",
  description: "d",
  avatar_url: "https://example.com/a.png",
  expiration: "2096-10-02T07:06:40Z",
  first_login: "2023-11-14T22:13:22Z",
  last_change: "2023-11-14T22:13:24Z",
};
