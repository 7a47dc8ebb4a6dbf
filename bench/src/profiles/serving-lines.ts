import { fitLinear } from '../plant-fit/least-squares.ts';

/** One measured configuration of The ML.ENERGY Leaderboard, as far as a profile needs it. */
export interface ServingPoint {
  readonly task: string;
  readonly modelId: string;
  readonly nickname: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly precision: string;
  readonly sequences: number;
  readonly tokenMs: number;
  readonly powerW: number;
}

/** Configurations of a language task's JSON; those without a time a token (pictures, videos) are left out. */
export const parseServingPoints = (text: string): readonly ServingPoint[] => {
  const { task, configurations } = JSON.parse(text) as {
    readonly task?: string;
    readonly configurations?: readonly Readonly<Record<string, unknown>>[];
  };
  if (!Array.isArray(configurations)) throw new Error('no configurations');
  return configurations.flatMap((row: Readonly<Record<string, unknown>>) => {
    const point: ServingPoint = {
      ...{ task: String(task), modelId: String(row['model_id']), gpu: String(row['gpu_model']) },
      nickname: String(row['nickname']),
      precision: String(row['weight_precision']),
      gpus: Number(row['num_gpus']),
      sequences: Number(row['avg_batch_size']),
      tokenMs: Number(row['median_itl_ms']),
      powerW: Number(row['avg_power_watts']),
    };
    const figures = [point.gpus, point.sequences, point.tokenMs, point.powerW];
    return figures.every((value) => value > 0 && Number.isFinite(value)) ? [point] : [];
  });
};

/** How time a token and power grow with the sequences in a batch, and how far off that is on what it was fitted to. */
export interface ServingLine {
  /** `stepMs + sequenceMs · batch`. */
  readonly stepMs: number;
  readonly sequenceMs: number;
  /** `powerW + doublingW · log2(batch)`. */
  readonly powerW: number;
  readonly doublingW: number;
  readonly sequencesMax: number;
  /** Mean |error| ÷ measured. */
  readonly timeErrorShare: number;
  readonly powerErrorShare: number;
}

const plain = { ridgeShare: 0, ridgeFrom: 2, robustRounds: 0 };
/** Fewer batches give no line that anybody should believe. */
const pointsMin = 3;

/** Lines of least relative error; undefined where there are too few batches, or time falls with them. */
export const servingLine = (points: readonly ServingPoint[]): ServingLine | undefined => {
  if (new Set(points.map(({ sequences }) => Math.round(sequences))).size < pointsMin) {
    return undefined;
  }
  const line = (x: (point: ServingPoint) => number, y: (point: ServingPoint) => number) =>
    fitLinear(
      points.map((point) => ({ features: [1 / y(point), x(point) / y(point)], target: 1 })),
      plain,
    );
  const [stepMs = 0, sequenceMs = 0] = line(
    ({ sequences }) => sequences,
    ({ tokenMs }) => tokenMs,
  );
  const [powerW = 0, doublingW = 0] = line(doublings, (point) => point.powerW);
  if (sequenceMs < 0 || stepMs <= 0 || powerW <= 0) return undefined;
  const meanError = (
    said: (point: ServingPoint) => number,
    seen: (point: ServingPoint) => number,
  ) =>
    points.reduce((sum, each) => sum + Math.abs(said(each) - seen(each)) / seen(each), 0) /
    points.length;
  return {
    ...{ stepMs, sequenceMs, powerW, doublingW },
    sequencesMax: Math.round(Math.max(...points.map(({ sequences }) => sequences))),
    timeErrorShare: meanError(
      ({ sequences }) => stepMs + sequenceMs * sequences,
      ({ tokenMs }) => tokenMs,
    ),
    powerErrorShare: meanError(
      (point) => powerW + doublingW * doublings(point),
      (point) => point.powerW,
    ),
  };
};

const doublings = ({ sequences }: ServingPoint): number => Math.log2(Math.max(1, sequences));
