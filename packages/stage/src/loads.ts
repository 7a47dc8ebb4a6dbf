import type { Variant } from '@isotherm/engine';

/** One thing that an instance can load. */
export interface Loadable {
  readonly model: string;
  readonly precision: string;
  /** Absent: as many as are asked for. */
  readonly threads?: number;
}

/** What an instance begins with, and what it can load beside it. */
export interface Loads<Loaded> {
  readonly variant: Variant;
  readonly loadable: readonly Loadable[];
  /** Faults: `invalid_argument` for a name that is none, `unsupported` for what is not there; both say what is. */
  load(wanted: Variant): Promise<Loaded>;
}

/** What there is, for messages: `panel fp32, panel int8`. */
export const loadableText = (loadable: readonly Loadable[]): string =>
  loadable
    .map(({ model, precision, threads }) =>
      threads === undefined ? `${model} ${precision}` : `${model} ${precision} on ${threads}`,
    )
    .join(', ');
