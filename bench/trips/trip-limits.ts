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

/** As noted at ae047f1, on SQLite; on PostgreSQL the domain's figures were the same. */
export const before: Readonly<Record<string, EarlierTrip>> = {
  get: earlier(38, 86, 26, 37),
  "patch-name": earlier(58, 197, 38, 76),
  "patch-time": earlier(69, 230, 49, 96),
  access: earlier(77, 264, 47, 110),
  start: earlier(73, 255, 48, 169),
  interim: earlier(48, 185, 28, 119),
  "top-up": earlier(90, 349, 61, 191),
};
