import type { PoolSpec, ArmSpec } from './run-arm.ts';

/** The best layouts that were found of a model, by shape and by what it is routed by. */
export interface Layouts {
  readonly monolith: readonly PoolSpec[];
  readonly routedMonolith: readonly PoolSpec[];
  readonly imageText: readonly PoolSpec[];
  readonly threeStages: readonly PoolSpec[];
  readonly colocated: readonly PoolSpec[];
}

const plain = { order: 'first-come', routing: 'in-turn', batches: 'profile' } as const;
const short = { order: 'short-first', routing: 'in-turn', batches: 'worth' } as const;
const routed = { order: 'short-first', routing: 'policy', batches: 'worth' } as const;

/** One thing more at each step, as the study takes them; and the monolith with all of it that it can have. */
export const ladder = (
  { monolith, routedMonolith, imageText, threeStages, colocated }: Layouts,
  colocateTokensMax: number,
): Readonly<Record<LadderStep, ArmSpec>> => ({
  monolith: { ...plain, pools: monolith },
  'routed-monolith': { ...routed, pools: routedMonolith },
  decoupled: { ...plain, pools: imageText },
  scheduling: { ...short, pools: imageText },
  routing: { ...routed, pools: imageText },
  'prefill-apart': { ...routed, pools: threeStages },
  colocation: { ...routed, pools: colocated, colocateTokensMax },
});

export const ladderSteps = [
  ...(['monolith', 'routed-monolith', 'decoupled', 'scheduling', 'routing'] as const),
  ...(['prefill-apart', 'colocation'] as const),
] as const;
export type LadderStep = (typeof ladderSteps)[number];

const studyPools = (text: number, image: number): readonly PoolSpec[] => [
  { role: 'encode', stages: ['encode-1'], count: image },
  { role: 'text', stages: ['prefill-4', 'decode-4', 'encode-4'], count: text },
];
const studyMonolith = (count: number): readonly PoolSpec[] => [
  { role: 'whole', stages: ['encode-4', 'prefill-4', 'decode-4'], count },
];

/** Instances as the study set them up: 4 GPUs for a monolith or a text instance, 1 for an encoder. */
export const studyArms = {
  'study-monolith': { ...plain, pools: studyMonolith(32) },
  'study-routed-monolith': { ...routed, pools: studyMonolith(32) },
  'study-decoupled': { ...routed, pools: studyPools(20, 48) },
} as const satisfies Readonly<Record<string, ArmSpec>>;

/** On 64 GPUs: as many encoders as the monolith has, where decoupling loses, and more, where it does not. */
export const encoderArms = {
  'monolith-16': { ...routed, pools: studyMonolith(16) },
  'text-12-image-16': { ...routed, pools: studyPools(12, 16) },
  'text-10-image-24': { ...routed, pools: studyPools(10, 24) },
} as const satisfies Readonly<Record<string, ArmSpec>>;
