import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { type LocalStack, startLocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import { median, round, summarize, type Summary } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { profileSettings } from '../stack/profile-settings.ts';
import { watchLoopDelays } from '../serving/systems/loop-delay.ts';
import type { Asked } from './load/ask.ts';
import type { LoadOutcome } from './load/drive.ts';
import { startLoadGenerator } from './load/load-generator.ts';
import type { RouterParameters } from './parameters.ts';
import { smallQuestion } from './targets.ts';

/** What many large requests do to small ones beside them. */
export interface BesideLarge {
  /** Small requests alone, and beside the large ones, which a pool of their own answers: whole answers, in milliseconds. */
  readonly alone: Summary;
  readonly beside: Summary;
  readonly smallP99Ratio: number;
  /** The same where one fabric answers both. */
  readonly besideShared: Summary;
  readonly sharedP99Ratio: number;
  /** How late the router's event loop was meanwhile: 99th percentile, in milliseconds. */
  readonly loopDelayP99Ms: number;
  readonly sharedLoopDelayP99Ms: number;
  readonly aloneLoopDelayP99Ms: number;
  readonly largePerS: number;
  readonly sharedLargePerS: number;
  readonly largeMs: Summary;
  readonly failed: number;
}

/** Room for a prompt of a token a byte; a KV cache that is not what is measured. */
const profile = { contextMax: 1 << 20, kvBytesPerToken: 4 };
/** Different ones, so that caches do not answer for all of them. */
const pictures = 16;

/** The conditions in which small requests are measured; large ones that go with them are there too. */
interface Conditions {
  readonly alone: Condition;
  readonly beside: Condition;
  readonly shared: Condition;
}

/** What was heard in one condition, over all turns. */
interface Condition {
  readonly small: LoadOutcome[];
  readonly large: LoadOutcome[];
  /** 99th percentile of how late the router's event loop was in each turn, in milliseconds. */
  readonly loopDelaysMs: number[];
}

/**
 * Small requests at an even rate, in turns: alone, beside large ones in a closed loop, half texts and half pictures, at a
 * router that passes these on to a pool, and beside the same at a router that has none.
 */
export const measureBesideLarge = async (
  redisUrl: string,
  parameters: RouterParameters,
): Promise<BesideLarge> => {
  const delays = await watchLoopDelays();
  const pool = await startStack(redisUrl, 'pool', {}, { ISOTHERM_NICE: String(steppingBack) });
  const [front, shared] = await Promise.all([
    startStack(redisUrl, 'front', { ...delays.settings, ISOTHERM_LARGE_POOL_URL: pool.http }),
    startStack(redisUrl, 'shared', delays.settings),
  ]);
  // Clients have machines of their own elsewhere: here the large ones' must not take the processors that they would not have.
  const load = { small: startLoadGenerator(), large: startLoadGenerator(steppingBack) };
  try {
    const { smallRatePerS, besideMs, besideTurns, besideWarmMs, largeInFlight } = parameters;
    const { largeBytes, answerTokens: tokensMax } = parameters;
    const smallBodies = [JSON.stringify(chatBody({ text: smallQuestion, tokensMax }))];
    const bodies = await largeBodies(largeBytes, tokensMax);
    const times = { warmMs: 1_000, measureMs: besideMs / besideTurns };
    const closed = (concurrency: number) => ({ kind: 'closed', concurrency }) as const;
    say(`small requests, and ${largeInFlight} large ones beside them`);
    const warm = { warmMs: 0, measureMs: besideWarmMs / 2 };
    for (const there of [front, shared]) {
      await load.small.drive({ ...warm, asked: asking(there, smallBodies), pace: closed(8) });
      await load.large.drive({ ...warm, asked: asking(there, bodies), pace: closed(4) });
    }
    const measureIn = async (
      condition: Condition,
      there: LocalStack,
      withLarge: boolean,
    ): Promise<void> => {
      await delays.read(there.instances('router'));
      const pace = { kind: 'open', perS: smallRatePerS } as const;
      const [small, large] = await Promise.all([
        load.small.drive({ ...times, asked: asking(there, smallBodies), pace }),
        withLarge &&
          load.large.drive({ ...times, asked: asking(there, bodies), pace: closed(largeInFlight) }),
      ]);
      condition.small.push(small);
      if (large !== false) condition.large.push(large);
      const { router = Number.NaN } = await delays.read(there.instances('router'));
      condition.loopDelaysMs.push(router);
    };
    const conditions: Conditions = {
      alone: condition(),
      beside: condition(),
      shared: condition(),
    };
    for (let turn = 0; turn < besideTurns; turn++) {
      await measureIn(conditions.alone, front, false);
      await measureIn(conditions.beside, front, true);
      await measureIn(conditions.shared, shared, true);
    }
    return besideOf(conditions);
  } finally {
    await Promise.all([load.small.stop(), load.large.stop(), front.stop(), shared.stop()]);
    await pool.stop();
    await delays.close();
  }
};

/** As far as the system lets a process step back for others (`ISOTHERM_NICE`). */
const steppingBack = 19;

const condition = (): Condition => ({ small: [], large: [], loopDelaysMs: [] });

const startStack = (
  redisUrl: string,
  name: string,
  router: Readonly<Record<string, string>>,
  all: Readonly<Record<string, string>> = {},
): Promise<LocalStack> =>
  startLocalStack({
    redisUrl,
    settings: { ...profileSettings(name, profile), ...all },
    settingsOf: { router },
  });

const asking = ({ http: baseUrl }: LocalStack, bodies: readonly string[]): Asked => {
  // So many at once may wait longer than a request that names no deadline.
  const headers = { 'x-isotherm-timeout-ms': '600000' };
  return { kind: 'http', baseUrl, headers, bodies };
};

const besideOf = ({ alone, beside, shared }: Conditions): BesideLarge => {
  const wholeOf = ({ small }: Condition): Summary =>
    summarize(small.flatMap(({ wholeMs }) => wholeMs));
  const small = { alone: wholeOf(alone), beside: wholeOf(beside), shared: wholeOf(shared) };
  const outcomes = [alone, beside, shared].flatMap((each) => [...each.small, ...each.large]);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  const failure = outcomes.find((outcome) => outcome.failed > 0)?.failure ?? '';
  const figures = {
    ...{ alone: small.alone, beside: small.beside, besideShared: small.shared },
    smallP99Ratio: round(small.beside.p99 / small.alone.p99),
    sharedP99Ratio: round(small.shared.p99 / small.alone.p99),
    aloneLoopDelayP99Ms: round(median(alone.loopDelaysMs)),
    loopDelayP99Ms: round(median(beside.loopDelaysMs)),
    sharedLoopDelayP99Ms: round(median(shared.loopDelaysMs)),
    largePerS: perS(beside.large),
    sharedLargePerS: perS(shared.large),
    largeMs: summarize(beside.large.flatMap(({ wholeMs }) => wholeMs)),
    failed,
  };
  say(
    `  small p50 and p99 ${small.alone.p50} and ${small.alone.p99} ms alone, ${small.beside.p50} and ` +
      `${small.beside.p99} ms beside ${figures.largePerS} large ones/s of a pool, ${small.shared.p50} and ` +
      `${small.shared.p99} ms beside ${figures.sharedLargePerS} in one fabric; event loop p99 ` +
      `${figures.aloneLoopDelayP99Ms}, ${figures.loopDelayP99Ms} and ${figures.sharedLoopDelayP99Ms} ms; ` +
      `${failed} failed ${failure}`,
  );
  return figures;
};

const perS = (outcomes: readonly LoadOutcome[]): number => {
  const completed = outcomes.reduce((sum, outcome) => sum + outcome.completed, 0);
  const measureMs = outcomes.reduce((sum, outcome) => sum + outcome.measureMs, 0);
  return round((completed / measureMs) * 1000);
};

/** Texts and pictures in turn. */
const largeBodies = async (bytes: number, tokensMax: number): Promise<readonly string[]> => {
  const sidePx = Math.round(Math.sqrt(bytes / 3));
  const raw = { width: sidePx, height: sidePx, channels: 3 } as const;
  const bodies: string[] = [];
  for (let index = 0; index < pictures; index++) {
    // Noise: nothing of it can be made smaller.
    const image = await sharp(randomBytes(sidePx * sidePx * 3), { raw })
      .png()
      .toBuffer();
    const text = `${index} ${'rack 7 is hot. '.repeat(Math.ceil(bytes / 15))}`.slice(0, bytes);
    bodies.push(
      JSON.stringify(chatBody({ text, tokensMax })),
      JSON.stringify(chatBody({ text: smallQuestion, image, tokensMax })),
    );
  }
  return bodies;
};
