export interface LiveParameters {
  /** Hours of the day of pictures, from and to. */
  readonly hours: readonly [number, number];
  /** What those, and the hour of conversations, take here, in milliseconds. */
  readonly durationMs: number;
  /** Means of requests with pictures and without, a second of ours; of all of the day. */
  readonly picturesPerS: number;
  readonly textsPerS: number;
  readonly seed: number;
  /** Clients of ServeGen's image service, by their numbers. */
  readonly clients: readonly number[];
  /** Of a picture, as the model's profile has it. */
  readonly imageTokens: number;
  /** Most pictures of a request, bytes of its text (a token each) and tokens of its answer: what is more is cut off. */
  readonly imagesMax: number;
  readonly textTokensMax: number;
  readonly answerTokensMax: number;
  /** Of what a mean request takes alone. */
  readonly sloTimes: number;
  /** Time between two plans of the autoscaler, in seconds. */
  readonly planEveryS: number;
  /** From starting a process until it takes work, in seconds, as the autoscaler is told. */
  readonly startS: number;
  /** Most instances of a stage. */
  readonly replicasMax: number;
  /** Live runs of fixed sizes at most. */
  readonly staticRunsMax: number;
}

const traffic = {
  ...{ picturesPerS: 6, textsPerS: 2, seed: 17 },
  // Those of its six largest that ask as people do, by day and in bursts; the others ask evenly, as machines do.
  clients: [5, 7, 11],
  ...{ imageTokens: 1280, imagesMax: 4, textTokensMax: 2000, answerTokensMax: 100 },
};
const scaling = { sloTimes: 8, planEveryS: 4, startS: 2, replicasMax: 6 };

export const fullLive: LiveParameters = {
  ...{ ...traffic, ...scaling, hours: [0, 24], durationMs: 360_000, staticRunsMax: 3 },
};

export const quickLive: LiveParameters = {
  ...{ ...traffic, ...scaling, hours: [4, 12], durationMs: 90_000, staticRunsMax: 1 },
};
