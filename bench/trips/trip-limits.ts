/** The most that a trip may cost; undefined where nothing is asked. */
export interface TripLimit {
  readonly domainFiles: number;
  readonly returns: number;
}

/** Files: what a reader can hold in mind. Returns: half of what they were when trips were first noted. */
export const limits: Readonly<Record<string, TripLimit>> = {
  "patch-time": { domainFiles: 30, returns: 23 },
  access: { domainFiles: 30, returns: 31 },
  interim: { domainFiles: 20, returns: 45 },
};

/** What a trip was before the code was ordered anew. */
interface EarlierTrip {
  readonly files: number;
  readonly functions: number;
  readonly domainFiles: number;
  readonly stays: number;
  readonly returns: number;
}

const earlier = (files: number, functions: number, domainFiles: number, stays: number): EarlierTrip => ({
  files,
  functions,
  domainFiles,
  stays,
  returns: stays - domainFiles,
});

/** The figures of a commit, on SQLite. */
export interface EarlierTrips {
  readonly commit: string;
  readonly trips: Readonly<Record<string, EarlierTrip>>;
}

/** When trips were first noted: what the limits were set by. */
export const firstNoted: EarlierTrips = {
  commit: "ae047f1",
  trips: {
    get: earlier(38, 86, 26, 37),
    "patch-name": earlier(58, 197, 38, 76),
    "patch-time": earlier(69, 230, 49, 96),
    access: earlier(77, 264, 47, 110),
    start: earlier(73, 255, 48, 169),
    interim: earlier(48, 185, 28, 119),
    "top-up": earlier(90, 349, 61, 191),
  },
};

/** After 120 commits more, just before the code was ordered anew. */
export const before: EarlierTrips = {
  commit: "10bf8c0",
  trips: {
    get: earlier(45, 97, 31, 46),
    "patch-name": earlier(78, 280, 54, 143),
    "patch-time": earlier(86, 309, 61, 158),
    access: earlier(92, 332, 57, 171),
    start: earlier(83, 334, 49, 194),
    interim: earlier(57, 221, 33, 151),
    "top-up": earlier(118, 447, 80, 264),
  },
};
