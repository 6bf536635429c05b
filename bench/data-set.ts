/** The organizations that the data set's users are spread over; the root above them holds none. */
export const organizations = 50;
/** The first of them, directly below the root, have namespaces of their own. */
export const ownNamespaces = 10;
const rootOrganizationId = 1;

/** What a number stands for: the same on every machine and in every process, so that nothing has to be remembered. */
export interface PlannedOrganization {
  readonly id: number;
  readonly namespaceId: number;
  readonly parentId: number;
  readonly slug: string;
  readonly ownUsernames: boolean;
}

/** The organization of a place from 0: some below the root, others below each other or below those with a namespace. */
export const plannedOrganization = (place: number): PlannedOrganization => {
  const id = rootOrganizationId + 1 + place;
  const ownUsernames = place < ownNamespaces;
  const parent = parentPlaceOf(place);
  return {
    id,
    namespaceId: ownUsernames ? id : parent === undefined ? rootOrganizationId : plannedOrganization(parent).namespaceId,
    parentId: parent === undefined ? rootOrganizationId : rootOrganizationId + 1 + parent,
    slug: `organization-${place}`,
    ownUsernames,
  };
};

const parentPlaceOf = (place: number): number | undefined => {
  if (place < 20) return undefined;
  return place < 35 ? place - 10 : place - 35;
};

export interface PlannedUser {
  readonly id: number;
  readonly organization: PlannedOrganization;
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: string | null;
  readonly isActive: boolean;
  /** The time balance in seconds. */
  readonly seconds: number;
  readonly city: string;
  readonly hasDevice: boolean;
  readonly joinedAtMs: number;
}

const places = Array.from({ length: organizations }, (_, place) => plannedOrganization(place));

/** The user of a number from 0. Neighbours by id belong to different organizations, as accounts made over years do. */
export const plannedUser = (number: number): PlannedUser => {
  const chance = mix(number);
  const firstName = pick(firstNames, chance);
  const lastName = pick(lastNames, chance >>> 8);
  const username = usernameOf(number);
  const row = Math.floor(number / organizations);
  return {
    id: number + 1,
    organization: places[number % organizations]!,
    username,
    email: `${username}@example.net`,
    firstName,
    lastName,
    role: row % 2 === 0 ? pick(roles, chance >>> 16) : null,
    isActive: row % 50 !== 49,
    seconds: 3_600 + (chance % 86_400),
    city: pick(cities, chance >>> 20),
    hasDevice: row % 10 === 3,
    joinedAtMs: 1_600_000_000_000 + number * 1_000,
  };
};

/** The username of a number from 0; no two are alike in any namespace. */
export const usernameOf = (number: number): string => {
  const chance = mix(number);
  return `${pick(firstNames, chance)}.${pick(lastNames, chance >>> 8)}.${number.toString(36)}`.toLowerCase();
};

/** How many of the first `users` numbers fit. */
export const countUsers = (users: number, fits: (user: PlannedUser) => boolean): number => {
  // The pattern repeats with every 2,500 users: 50 organizations, each row of them different from the next 49.
  const period = organizations * 50;
  const inFirst = (length: number) => {
    let found = 0;
    for (let number = 0; number < length; number += 1) if (fits(plannedUser(number))) found += 1;
    return found;
  };
  return Math.floor(users / period) * inFirst(period) + inFirst(users % period);
};

/** Scatters a number over 32 bits (Murmur3's finalizer): neighbours have nothing in common. */
const mix = (number: number): number => {
  let hash = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const pick = <T>(list: readonly T[], chance: number): T => list[chance % list.length]!;

const words = (text: string): string[] => text.split(" ");
const roles = words("user guest staff student manager");
const cities = words("Lisbon Porto Madrid Lyon Turin Graz Brno Gdansk Riga Turku Malmo Bergen Cork Leeds Ghent Utrecht");
const firstNames = words(
  "Ada Alan Amara Anton Beatriz Bruno Carla Chen Dana Diego Elena Emil Farah Felix Gita Goran Hana Hugo Ines Ivan Jana Jonas Kaito Katja Lara Leo Maria Mateo Nadia Nils Olga Omar Paula Pedro Quinn Rafael Rosa Samir Sofia Tariq Tessa Umar Vera Victor Wanda Xavier Yara Zoe",
);
const lastNames = words(
  "Abbott Almeida Andersen Bauer Becker Castro Costa Dias Dubois Eriksen Fischer Garcia Gomez Haddad Hansen Ibrahim Ivanova Jensen Keller Kim Kowalski Lindberg Lopez Martin Meyer Moreau Nakamura Novak Okafor Oliveira Petrov Quiroga Rossi Santos Schmidt Silva Suzuki Tanaka Torres Urban Vargas Vogel Wagner Weber Wong Yilmaz Zhang Ziegler",
);
