import { median, round } from '../../report/percentiles.ts';

/** One request as the client saw it; times in milliseconds since it was due. */
export interface RequestRecord {
  readonly index: number;
  readonly images: number;
  readonly tokens: number;
  /** Until the first piece of text. */
  readonly firstMs: number;
  /** (last piece of text - first) / (tokens - 1); 0 for a single token. */
  readonly perTokenMs: number;
  readonly totalMs: number;
  readonly text: string;
  readonly error: string | undefined;
}

/** What a request must keep to: a first token by the number of its pictures, and a time for each further token. */
export interface Slo {
  readonly firstMsByImages: readonly number[];
  readonly perTokenMs: number;
}

export const firstMsMax = ({ firstMsByImages }: Slo, images: number): number =>
  firstMsByImages[images] ?? firstMsByImages.at(-1) ?? 0;

export const meetsSlo = (record: RequestRecord, slo: Slo): boolean =>
  record.error === undefined &&
  record.firstMs <= firstMsMax(slo, record.images) &&
  record.perTokenMs <= slo.perTokenMs;

/** Requests of `count` that may miss where a share has to keep to the SLO. */
export const missesMax = (count: number, share: number): number =>
  Math.floor(count * (1 - share) + 1e-9);

/**
 * The SLO from requests on an idle system: `factor` times the median first token of requests with as many pictures,
 * and `factor` times the median time a token of all.
 */
export const sloOf = (unloaded: readonly RequestRecord[], factor: number): Slo => {
  const perToken = unloaded.filter(({ tokens }) => tokens > 1).map((each) => each.perTokenMs);
  const classes = Math.max(...unloaded.map(({ images }) => images)) + 1;
  return {
    firstMsByImages: Array.from({ length: classes }, (_, images) => {
      const first = unloaded.filter((each) => each.images === images).map((each) => each.firstMs);
      return round(factor * median(first));
    }),
    perTokenMs: round(factor * median(perToken)),
  };
};
