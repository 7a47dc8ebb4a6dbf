import {
  type DecodeEngine,
  type EncodeEngine,
  onnxDecodeEngine,
  onnxEncodeEngine,
  onnxPrefillEngine,
  type Precision,
  type PrefillEngine,
} from '@isotherm/engine';
import {
  type EnergyMeter,
  type Measuring,
  measureDecode,
  measureEncode,
  measureLoad,
  measurePrefill,
  promptOf,
  quantile,
} from '@isotherm/engine/measure';
import type { FileMedium, TextModel } from '@isotherm/engine/text';
import {
  type LoadPoint,
  type ProfileEntry,
  saturationOf,
  seededRandom,
  type SourcedPoint,
} from '@isotherm/kernel';
import type { Grid } from './what-to-measure.ts';

/** One choice of how instances run, and all that its measurement takes. */
export interface ModelRun {
  readonly modelDir: string;
  readonly text: TextModel;
  readonly precision: Precision;
  readonly threads: number;
  readonly grid: Grid;
  readonly pictures: readonly (readonly FileMedium[])[];
  readonly energy: EnergyMeter;
  readonly secondsEach: number;
  readonly signal: AbortSignal;
  readonly onPoint: (stage: ProfileEntry['stage'], point: SourcedPoint) => void;
  readonly onLoad: (stage: ProfileEntry['stage'], point: LoadPoint) => void;
}

/** Id of the source of everything that is measured here. */
export const measuredHere = 'measured';

/** Encode, prefill and decode of a model folder on this machine, one engine at a time. */
export const measureModel = async (run: ModelRun): Promise<readonly ProfileEntry[]> => {
  const encode = run.pictures.length === 0 ? [] : [await profileEncode(run)];
  run.signal.throwIfAborted();
  const prefill = await profilePrefill(run);
  run.signal.throwIfAborted();
  return [...encode, prefill, await profileDecode(run)];
};

const entryOf = (
  run: ModelRun,
  stage: ProfileEntry['stage'],
  own: Pick<ProfileEntry, 'batchMax' | 'startS' | 'points' | 'load'> & Partial<ProfileEntry>,
): ProfileEntry => ({
  name: `${stage}-${run.precision}-${run.threads}t`,
  ...{ stage, model: run.text.facts.name, hardware: 'cpu', gpus: 0, threads: run.threads },
  ...{ precision: run.precision, source: measuredHere },
  ...own,
});

const howOf = (
  run: ModelRun,
  stage: ProfileEntry['stage'],
  seen: (point: SourcedPoint, tookMs: readonly number[]) => void = () => undefined,
): Measuring => ({
  ...{ runsMin: 5, runsMax: 500, secondsEach: run.secondsEach },
  ...{ energy: run.energy, signal: run.signal },
  onPoint: (point, tookMs) => {
    run.onPoint(stage, point);
    seen(point, tookMs);
  },
});

/** Opens an engine, says how long that took, and closes it whatever happens. */
const withEngine = async <Engine extends { close(): Promise<void> }, Value>(
  open: () => Promise<Engine>,
  use: (engine: Engine, startS: number) => Promise<Value>,
): Promise<Value> => {
  const sinceMs = performance.now();
  const engine = await open();
  try {
    return await use(engine, (performance.now() - sinceMs) / 1000);
  } finally {
    await engine.close();
  }
};

const profileEncode = (run: ModelRun): Promise<ProfileEntry> => {
  const { modelDir, precision, threads, grid, pictures } = run;
  const batchMax = Math.max(...grid.encodeBatches);
  const open = (): Promise<EncodeEngine> =>
    onnxEncodeEngine({ modelDir, precision, threads, batchMax });
  return withEngine(open, async (engine, startS) => {
    const how = howOf(run, 'encode');
    const points = await measureEncode(engine, pictures, grid.encodeBatches, how);
    const smallest = pictures[0] ?? [];
    const { facts } = run.text;
    const entry = entryOf(run, 'encode', {
      ...{ batchMax, startS, points, load: [] },
      bytesPerToken: 4 * facts.hiddenSize,
    });
    const work = (batch: number): Promise<unknown> =>
      engine.encode(smallest.slice(0, batch), run.signal);
    return { ...entry, load: await loads(run, entry, smallest[0]?.tokens ?? 1, work) };
  });
};

const tokenAt = (index: number): number => 20 + (index % 200);

const openPrefill = ({ modelDir, precision, threads }: ModelRun): Promise<PrefillEngine> =>
  onnxPrefillEngine({ modelDir, precision, threads });

const profilePrefill = (run: ModelRun): Promise<ProfileEntry> =>
  withEngine(
    () => openPrefill(run),
    async (engine, startS) => {
      const { grid, text } = run;
      const how = howOf(run, 'prefill');
      const points = await measurePrefill(engine, grid.promptTokens, tokenAt, how);
      const entry = entryOf(run, 'prefill', {
        ...{ batchMax: 1, startS, points, load: [] },
        bytesPerToken: text.facts.kvBytesPerToken,
        ...(text.facts.architecture === 'cross-attention' ? { mediaTokenShare: 0 } : {}),
      });
      const tokens = grid.promptTokens[Math.floor(grid.promptTokens.length / 2)] ?? 1;
      const work = (): Promise<unknown> => engine.prefill(promptOf(tokens, tokenAt), run.signal);
      return { ...entry, load: await loads(run, entry, tokens, work) };
    },
  );

const profileDecode = async (run: ModelRun): Promise<ProfileEntry> => {
  const { modelDir, precision, threads, grid } = run;
  const contexts = await withEngine(
    () => openPrefill(run),
    (engine) =>
      Promise.all(
        grid.contextTokens.map(async (tokens) => {
          const { kvCache, token } = await engine.prefill(promptOf(tokens, tokenAt), run.signal);
          return { tokens, kvCache, token };
        }),
      ),
  );
  const slots = Math.max(...grid.decodeBatches);
  // Room for the longest context that is measured, and for what it grows by: not for the model's own longest.
  const contextMax = Math.min(
    run.text.facts.contextMax,
    Math.ceil(Math.max(...grid.contextTokens) * 1.3) + 8,
  );
  const open = (): Promise<DecodeEngine> =>
    onnxDecodeEngine({ modelDir, precision, threads, slots, contextMax });
  return withEngine(open, async (engine, startS) => {
    const steps: { readonly tokens: number; readonly load: LoadPoint }[] = [];
    const how = howOf(run, 'decode', (point, tookMs) => {
      steps.push({ tokens: point.tokens, load: loadOfSteps(point, tookMs) });
    });
    const points = await measureDecode(engine, contexts, grid.decodeBatches, how);
    const middle = steps[Math.floor(steps.length / 2)]?.tokens;
    const own = steps.flatMap(({ tokens, load }) => (tokens === middle ? [load] : []));
    return entryOf(run, 'decode', { batchMax: slots, startS, points, load: rising(own) });
  });
};

/** A batch that is kept full is the load that it can do. */
const loadOfSteps = (
  { batch, latencyMs, powerW }: SourcedPoint,
  tookMs: readonly number[],
): LoadPoint => ({
  offeredTokensPerS: (batch * 1000) / latencyMs,
  doneTokensPerS: (batch * 1000) / latencyMs,
  p50Ms: latencyMs,
  p99Ms: quantile(tookMs, 0.99),
  busyShare: 1,
  ...(powerW === undefined ? {} : { powerW }),
});

/** Larger batches that do no more are no further load. */
const rising = (load: readonly LoadPoint[]): readonly LoadPoint[] =>
  load.filter(({ offeredTokensPerS }, index) =>
    load.slice(0, index).every((before) => before.offeredTokensPerS < offeredTokensPerS),
  );

/** Jobs of one load: enough that a hundredth of them is one, where they are quick. */
const jobsRange = { min: 20, max: 500 };
/** How much longer than a point a load is watched. */
const loadTimes = 8;

const loads = async (
  run: ModelRun,
  entry: ProfileEntry,
  tokensEach: number,
  work: (batch: number) => Promise<unknown>,
): Promise<readonly LoadPoint[]> => {
  const most = saturationOf(entry, tokensEach).tokensPerS / tokensEach;
  const points: LoadPoint[] = [];
  for (const [index, share] of run.grid.loadShares.entries()) {
    run.signal.throwIfAborted();
    const jobsPerS = most * share;
    const wanted = Math.round(jobsPerS * run.secondsEach * loadTimes);
    const jobs = Math.max(jobsRange.min, Math.min(jobsRange.max, wanted));
    const { energy } = run;
    const random = seededRandom(index + 1);
    const options = { jobsPerS, jobs, tokensEach, batchMax: entry.batchMax, random, energy };
    const point = await measureLoad(work, options);
    run.onLoad(entry.stage, point);
    points.push(point);
  }
  return points;
};
