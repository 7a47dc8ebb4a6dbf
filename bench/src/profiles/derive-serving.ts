import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';
import { type ServingLine, servingLine, type ServingPoint } from './serving-lines.ts';

/** A model's profile, with how far off its lines are on what they were fitted to. */
export interface DerivedServing {
  readonly profile: ModelProfile;
  readonly lines: readonly ServingLine[];
}

const hardwareOf: Readonly<Record<string, { readonly name: string; readonly idleW: number }>> = {
  H100: { name: 'h100-sxm', idleW: 72 },
  B200: { name: 'b200', idleW: 140 },
};
const assumedStartS = 60;

/**
 * One profile for each model of a task, of its decode stage alone: prompts are not timed in that set. Each choice of GPU,
 * number and precision is an entry.
 */
export const deriveServingProfiles = (
  points: readonly ServingPoint[],
): readonly DerivedServing[] => {
  const models = grouped(points, ({ nickname, precision }) => `${nickname} ${precision}`);
  return models.flatMap((own) => {
    const groups = grouped(own, ({ gpu, gpus }) => `${gpu} ${gpus}`);
    const derived = groups.flatMap((group) => {
      const line = servingLine(group);
      const first = group[0];
      return line === undefined || first === undefined ? [] : [{ line, first }];
    });
    const first = derived[0]?.first;
    if (first === undefined) return [];
    return [
      {
        lines: derived.map(({ line }) => line),
        profile: profileOf(
          first,
          derived.map(({ line, first: one }) => entryOf(one, line)),
        ),
      },
    ];
  });
};

const grouped = (
  points: readonly ServingPoint[],
  keyOf: (point: ServingPoint) => string,
): readonly (readonly ServingPoint[])[] => {
  const groups = new Map<string, ServingPoint[]>();
  for (const point of points) {
    const key = keyOf(point);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
};

const profileOf = (
  { task, nickname, modelId, precision }: ServingPoint,
  stages: readonly ProfileEntry[],
): ModelProfile => ({
  name: `${idOf(nickname)}${nickname.toLowerCase().includes(precision) ? '' : `-${precision}`}`,
  model: modelId,
  reading: 'decoder-only',
  sources: [
    {
      ...{ id: 'ml-energy', kind: 'derived' },
      text:
        `The ML.ENERGY Leaderboard (NeurIPS D&B 2025; github.com/ml-energy/leaderboard), ${task}: lines over the batches of each` +
        ' choice of hardware, of median time a token (linear in sequences) and of mean power (in their doublings).',
    },
    {
      ...{ id: 'assumptions', kind: 'assumed' },
      text: 'idle_w, start_s; shape: unknown, stands in for a small model. Prompts and encoding are not timed in that set.',
    },
  ],
  shape: {
    contextMaxTokens: 32_768,
    imageTokens: 1024,
    hiddenSize: 4096,
    kvBytesPerToken: 131_072,
  },
  stages,
});

const entryOf = (
  { gpu, gpus, precision, modelId }: ServingPoint,
  line: ServingLine,
): ProfileEntry => {
  const hardware = hardwareOf[gpu] ?? { name: idOf(gpu), idleW: 0 };
  const batches = [...new Set([1, 16, Math.min(64, line.sequencesMax), line.sequencesMax])];
  return {
    name: `decode-${hardware.name}-${gpus}`,
    ...{ stage: 'decode', model: modelId, hardware: hardware.name, gpus },
    precision: precision === 'bfloat16' ? 'bf16' : precision,
    batchMax: line.sequencesMax,
    idleW: hardware.idleW * gpus,
    startS: assumedStartS,
    source: 'ml-energy',
    points: batches.map((batch) => ({
      ...{ batch, tokens: 1024 },
      latencyMs: line.stepMs + line.sequenceMs * batch,
      powerW: Math.max(hardware.idleW * gpus, line.powerW + line.doublingW * Math.log2(batch)),
    })),
    load: [],
  };
};

const idOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 48);
