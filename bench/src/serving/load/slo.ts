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

/** What a request must keep to: a time for the first token, and one for each further token. */
export interface Slo {
  readonly firstMs: number;
  readonly perTokenMs: number;
}

export const meetsSlo = (record: RequestRecord, slo: Slo): boolean =>
  record.error === undefined &&
  record.firstMs <= slo.firstMs &&
  record.perTokenMs <= slo.perTokenMs;

/** Requests of `count` that may miss where a share has to keep to the SLO. */
export const missesMax = (count: number, share: number): number =>
  Math.floor(count * (1 - share) + 1e-9);

/**
 * The SLO from requests on an idle system: `factor` times the median first token of a class of requests (by number of
 * pictures), averaged over the classes by their shares of the traffic, and `factor` times the median time a token of all.
 */
export const sloOf = (
  unloaded: readonly RequestRecord[],
  shares: readonly number[],
  factor: number,
): Slo => {
  const perToken = unloaded.filter(({ tokens }) => tokens > 1).map((each) => each.perTokenMs);
  const first = shares.map((share, images) => {
    const ofClass = unloaded.filter((each) => each.images === images);
    return share * median(ofClass.map(({ firstMs }) => firstMs));
  });
  return {
    firstMs: round(factor * first.reduce((sum, each) => sum + each, 0)),
    perTokenMs: round(factor * median(perToken)),
  };
};
