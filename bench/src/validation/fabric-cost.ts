import type { TextModel } from '@isotherm/engine/text';
import { seededRandom, stageCosts } from '@isotherm/kernel';
import type { FabricCost } from '@isotherm/simulator';
import type { LocalStack } from '@isotherm/stack';
import { median } from '../report/percentiles.ts';
import type { EngineProfiles } from './engine-profiles.ts';
import { loopsMsOf, type Idle } from './live-stack.ts';
import { replayAlone, type TimedAnswer } from './replay.ts';
import { type RequestShape, type TracedRequest, tracedRequests } from './trace.ts';

/** What the fabric adds to what engines take. */
export interface MeasuredFabric extends FabricCost {
  /** From a first token to a place in the batch of decode, in milliseconds. */
  readonly handOverMs: number;
  /** Of each step of a sequence alone, beyond the engine's own time. */
  readonly stepMs: number;
}

/** Kinds of requests that tell the parts apart. */
const kinds = {
  short: { images: 0, words: 40, answerTokens: 1 },
  two: { images: 0, words: 40, answerTokens: 2 },
  long: { images: 0, words: 40, answerTokens: 33 },
  pictures: { images: 3, words: 40, answerTokens: 1 },
} as const satisfies Readonly<Record<string, RequestShape>>;
type Kind = keyof typeof kinds;

/** Of what a step takes of event loops, what each of its tokens does; assumed. */
const tokenShare = 0.5;
/** What became of requests of one kind. */
export interface AskedKind {
  readonly requests: readonly TracedRequest[];
  readonly answers: readonly TimedAnswer[];
  /** Processor time of event loops for each request, less what they take without any. */
  readonly loopsMs: number;
}

export type Unloaded = Readonly<Record<Kind, AskedKind>>;

/** Asks a stack without load, one request at a time. */
export const askUnloaded = async (
  stack: LocalStack,
  text: TextModel,
  { each, idle }: { readonly each: number; readonly idle: Idle },
): Promise<Unloaded> => {
  const random = seededRandom(77);
  const ask = async (kind: Kind): Promise<AskedKind> => {
    const shapes = Array.from({ length: Math.ceil(each / rounds) }, () => kinds[kind]);
    const requests = await tracedRequests(text, shapes, random);
    const [before, startMs] = [await loopsMsOf(stack), performance.now()];
    const answers = await replayAlone(stack.http, requests);
    const idleMs = idle.loopsShare * (performance.now() - startMs);
    const loopsMs = ((await loopsMsOf(stack)) - before - idleMs) / requests.length;
    return { requests, answers, loopsMs: Math.max(0, loopsMs) };
  };
  const seen: Partial<Record<Kind, AskedKind>> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of Object.keys(kinds) as Kind[]) {
      seen[kind] = together(seen[kind], await ask(kind));
    }
  }
  return seen as Unloaded;
};

const rounds = 2;

/** The same, asked several times. */
export const allUnloaded = (seen: readonly Unloaded[]): Unloaded => {
  const [first, ...others] = seen;
  if (first === undefined) throw new RangeError('nothing was asked');
  return others.reduce<Unloaded>(
    (all, each) => ({
      short: together(all.short, each.short),
      two: together(all.two, each.two),
      long: together(all.long, each.long),
      pictures: together(all.pictures, each.pictures),
    }),
    first,
  );
};

/** What compilers and collections take beside only ever adds: the least of both counts. */
const together = (one: AskedKind | undefined, other: AskedKind): AskedKind => ({
  requests: [...(one?.requests ?? []), ...other.requests],
  answers: [...(one?.answers ?? []), ...other.answers],
  loopsMs: Math.min(one?.loopsMs ?? Infinity, other.loopsMs),
});

/** What of those answers the engines do not explain. */
export const fabricOf = (alone: Unloaded, profiles: EngineProfiles): MeasuredFabric => {
  const encode = stageCosts(profiles.encode);
  const prefill = stageCosts(profiles.prefill);
  const decode = stageCosts(profiles.decode);
  /** Medians, in milliseconds. */
  const firstRest = ({ requests, answers }: AskedKind): number =>
    median(
      answers.map(({ ttftMs }, index) => {
        const { images = 0, imageTokens = 0, textTokens = 0 } = requests[index] ?? {};
        const own = prefill.latencyMs(1, textTokens + images * imageTokens);
        return ttftMs - images * encode.latencyMs(1, imageTokens) - own;
      }),
    );
  const stepsRest = ({ requests, answers }: AskedKind): number =>
    median(
      answers.map(({ ttftMs, wholeMs, tokens }, index) => {
        const context = (requests[index]?.textTokens ?? 0) + 1 + tokens / 2;
        return wholeMs - ttftMs - (tokens - 1) * decode.latencyMs(1, context);
      }),
    );
  const steps = kinds.long.answerTokens - kinds.two.answerTokens;
  const stepMs = (stepsRest(alone.long) - stepsRest(alone.two)) / steps;
  const loopsOfStep = Math.max(0, (alone.long.loopsMs - alone.two.loopsMs) / steps);
  const requestMs = Math.max(0, firstRest(alone.short));
  const handOverMs = Math.max(0, stepsRest(alone.two) - stepMs);
  const images = kinds.pictures.images;
  return {
    ...{ requestMs, handOverMs, stepMs },
    // The hop from the encoder counts as a hand-over of its own.
    mediumMs: (firstRest(alone.pictures) - handOverMs - requestMs) / images,
    loops: {
      requestMs: alone.short.loopsMs,
      mediumMs: Math.max(0, (alone.pictures.loopsMs - alone.short.loopsMs) / images),
      handOverMs: Math.max(0, alone.two.loopsMs - alone.short.loopsMs - loopsOfStep),
      stepMs: (1 - tokenShare) * loopsOfStep,
      tokenMs: tokenShare * loopsOfStep,
    },
  };
};
