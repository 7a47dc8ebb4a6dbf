import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { type LocalStack, startLocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import { round, summarize, type Summary } from '../report/percentiles.ts';
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
  /** Small requests alone, and beside the large ones: whole answers, in milliseconds. */
  readonly alone: Summary;
  readonly beside: Summary;
  readonly smallP99Ratio: number;
  /** The same while the large ones go to a fabric of its own on the same cores: what no router could do about it. */
  readonly besideElsewhere: Summary;
  readonly elsewhereP99Ratio: number;
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

/**
 * Small requests at an even rate: alone, beside large ones in a closed loop, half texts and half pictures, and beside
 * large ones that another fabric on the same cores answers.
 */
export const measureBesideLarge = async (
  redisUrl: string,
  parameters: RouterParameters,
): Promise<BesideLarge> => {
  const delays = await watchLoopDelays();
  const [stack, elsewhere] = await Promise.all([
    startStack(redisUrl, 'large', delays.settings),
    startStack(redisUrl, 'elsewhere', {}),
  ]);
  const [small, large] = [startLoadGenerator(), startLoadGenerator()];
  const delayMs = async (): Promise<number> =>
    (await delays.read(stack.instances('router')))['router'] ?? Number.NaN;
  try {
    const { smallRatePerS, besideMs, largeInFlight, answerTokens: tokensMax } = parameters;
    const smallBodies = [JSON.stringify(chatBody({ text: smallQuestion, tokensMax }))];
    const bodies = await largeBodies(parameters.largeBytes, tokensMax);
    const pace = { kind: 'open', perS: smallRatePerS } as const;
    const smallAsked = asking(stack, smallBodies);
    const smallOrder = { asked: smallAsked, pace, warmMs: 1_000, measureMs: besideMs };
    const closed = (concurrency: number) => ({ kind: 'closed', concurrency }) as const;
    const largeOrder = { pace: closed(largeInFlight), warmMs: 1_000, measureMs: besideMs };
    say(`small requests, and ${largeInFlight} large ones beside them`);
    const warm = { warmMs: 0, measureMs: 2_000 };
    await small.drive({ ...smallOrder, ...warm, pace: closed(8) });
    for (const there of [elsewhere, stack]) {
      await large.drive({ ...warm, asked: asking(there, bodies), pace: closed(4) });
    }
    await delayMs();
    const alone = await small.drive(smallOrder);
    const aloneLoopDelayP99Ms = await delayMs();
    const both = (there: LocalStack): Promise<readonly [LoadOutcome, LoadOutcome]> =>
      Promise.all([
        small.drive(smallOrder),
        large.drive({ ...largeOrder, asked: asking(there, bodies) }),
      ]);
    const [beside, outcome] = await both(stack);
    const loopDelayP99Ms = await delayMs();
    const [besideElsewhere] = await both(elsewhere);
    const outcomes = { alone, beside, besideElsewhere, large: outcome, aloneLoopDelayP99Ms };
    return besideOf(outcomes, loopDelayP99Ms);
  } finally {
    await Promise.all([small.stop(), large.stop(), stack.stop(), elsewhere.stop()]);
    await delays.close();
  }
};

const startStack = (
  redisUrl: string,
  name: string,
  router: Readonly<Record<string, string>>,
): Promise<LocalStack> =>
  startLocalStack({
    redisUrl,
    settings: profileSettings(name, profile),
    settingsOf: { router },
  });

const asking = ({ http: baseUrl }: LocalStack, bodies: readonly string[]): Asked => {
  // So many at once may wait longer than a request that names no deadline.
  const headers = { 'x-isotherm-timeout-ms': '600000' };
  return { kind: 'http', baseUrl, headers, bodies };
};

const besideOf = (
  outcomes: {
    readonly alone: LoadOutcome;
    readonly beside: LoadOutcome;
    readonly besideElsewhere: LoadOutcome;
    readonly large: LoadOutcome;
    readonly aloneLoopDelayP99Ms: number;
  },
  loopDelayP99Ms: number,
): BesideLarge => {
  const { large, aloneLoopDelayP99Ms } = outcomes;
  const alone = summarize(outcomes.alone.wholeMs);
  const beside = summarize(outcomes.beside.wholeMs);
  const besideElsewhere = summarize(outcomes.besideElsewhere.wholeMs);
  const failed = [outcomes.alone, outcomes.beside, outcomes.besideElsewhere, large].reduce(
    (sum, outcome) => sum + outcome.failed,
    0,
  );
  const smallP99Ratio = round(beside.p99 / alone.p99);
  const elsewhereP99Ratio = round(besideElsewhere.p99 / alone.p99);
  const largePerS = round((large.completed / large.measureMs) * 1000);
  say(
    `  small p99 ${alone.p99} ms alone, ${beside.p99} ms beside ${largePerS} large ones/s, ` +
      `${besideElsewhere.p99} ms where another fabric has those; event loop p99 ${aloneLoopDelayP99Ms} ` +
      `and ${loopDelayP99Ms} ms; ${failed} failed ${large.failure}`,
  );
  return {
    ...{
      alone,
      beside,
      smallP99Ratio,
      besideElsewhere,
      elsewhereP99Ratio,
      loopDelayP99Ms,
      aloneLoopDelayP99Ms,
      largePerS,
      failed,
    },
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
