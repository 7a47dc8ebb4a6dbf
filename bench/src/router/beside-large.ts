import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { startLocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import { round, summarize, type Summary } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { watchLoopDelays } from '../serving/systems/loop-delay.ts';
import type { Asked } from './load/ask.ts';
import type { LoadOutcome } from './load/drive.ts';
import { startLoadGenerator } from './load/load-generator.ts';
import type { RouterParameters } from './parameters.ts';
import { smallQuestion } from './targets.ts';

/** What many large requests do to small ones beside them. */
export interface BesideLarge {
  /** Small requests alone, and beside the large ones: whole answers, in milliseconds. */
  readonly alone: Summary;
  readonly beside: Summary;
  readonly smallP99Ratio: number;
  /** How late the router's event loop was meanwhile: 99th percentile, in milliseconds. */
  readonly loopDelayP99Ms: number;
  readonly aloneLoopDelayP99Ms: number;
  readonly largePerS: number;
  readonly largeMs: Summary;
  readonly failed: number;
}

/** Room for a prompt of a token a byte; a KV cache that is not what is measured. */
const profile = { contextMax: 1 << 20, kvBytesPerToken: 4 };
/** Different ones, so that caches do not answer for all of them. */
const pictures = 16;

/** Small requests at an even rate: alone, and beside large ones in a closed loop, half texts and half pictures. */
export const measureBesideLarge = async (
  redisUrl: string,
  parameters: RouterParameters,
): Promise<BesideLarge> => {
  const delays = await watchLoopDelays();
  const stack = await startLocalStack({
    redisUrl,
    settings: {
      ISOTHERM_PREFIX: `bench-large-${process.pid}`,
      ISOTHERM_ENGINE: 'profile',
      ISOTHERM_PROFILE: JSON.stringify(profile),
    },
    settingsOf: { router: delays.settings },
  });
  const [small, large] = [startLoadGenerator(), startLoadGenerator()];
  // So many at once may wait longer than a request that names no deadline.
  const headers = { 'x-isotherm-timeout-ms': '600000' };
  const asking = (bodies: readonly string[]): Asked => {
    return { kind: 'http', baseUrl: stack.http, headers, bodies };
  };
  const delayMs = async (): Promise<number> =>
    (await delays.read(stack.instances('router')))['router'] ?? Number.NaN;
  try {
    const { smallRatePerS, besideMs, largeInFlight, answerTokens: tokensMax } = parameters;
    const smallAsked = asking([JSON.stringify(chatBody({ text: smallQuestion, tokensMax }))]);
    const largeAsked = asking(await largeBodies(parameters.largeBytes, tokensMax));
    const pace = { kind: 'open', perS: smallRatePerS } as const;
    const smallOrder = { asked: smallAsked, pace, warmMs: 1_000, measureMs: besideMs };
    const closed = (concurrency: number) => ({ kind: 'closed', concurrency }) as const;
    const largeOrder = { asked: largeAsked, pace: closed(largeInFlight), measureMs: besideMs };
    say(`small requests, and ${largeInFlight} large ones beside them`);
    await small.drive({ ...smallOrder, pace: closed(8), warmMs: 0, measureMs: 2_000 });
    await large.drive({ ...largeOrder, pace: closed(4), warmMs: 0, measureMs: 2_000 });
    await delayMs();
    const alone = await small.drive(smallOrder);
    const aloneLoopDelayP99Ms = await delayMs();
    const [beside, outcome] = await Promise.all([
      small.drive(smallOrder),
      large.drive({ ...largeOrder, warmMs: 1_000 }),
    ]);
    return besideOf({ alone, beside, large: outcome, aloneLoopDelayP99Ms }, await delayMs());
  } finally {
    await Promise.all([small.stop(), large.stop(), stack.stop()]);
    await delays.close();
  }
};

const besideOf = (
  outcomes: {
    readonly alone: LoadOutcome;
    readonly beside: LoadOutcome;
    readonly large: LoadOutcome;
    readonly aloneLoopDelayP99Ms: number;
  },
  loopDelayP99Ms: number,
): BesideLarge => {
  const { large, aloneLoopDelayP99Ms } = outcomes;
  const [alone, beside] = [outcomes.alone, outcomes.beside].map(({ wholeMs }) =>
    summarize(wholeMs),
  );
  if (alone === undefined || beside === undefined) throw new Error('Nothing was measured.');
  const failed = outcomes.alone.failed + outcomes.beside.failed + large.failed;
  const smallP99Ratio = round(beside.p99 / alone.p99);
  const largePerS = round((large.completed / large.measureMs) * 1000);
  say(
    `  small p99 ${alone.p99} ms alone, ${beside.p99} ms beside ${largePerS} large ones/s; event loop ` +
      `p99 ${aloneLoopDelayP99Ms} and ${loopDelayP99Ms} ms; ${failed} failed ${large.failure}`,
  );
  return {
    ...{ alone, beside, smallP99Ratio, loopDelayP99Ms, aloneLoopDelayP99Ms, largePerS, failed },
    largeMs: summarize(large.wholeMs),
  };
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
