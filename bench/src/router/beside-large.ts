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
  /** The same where they go elsewhere. */
  readonly elsewhereLargePerS: number;
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
  readonly elsewhere: Condition;
}

/** What was heard in one condition, over all turns. */
interface Condition {
  readonly small: LoadOutcome[];
  readonly large: LoadOutcome[];
  /** 99th percentile of how late the router's event loop was in each turn, in milliseconds. */
  readonly loopDelaysMs: number[];
}

/**
 * Small requests at an even rate, in turns: alone, beside large ones in a closed loop, half texts and half pictures, and
 * beside large ones that another fabric on the same cores answers.
 */
export const measureBesideLarge = async (
  redisUrl: string,
  parameters: RouterParameters,
): Promise<BesideLarge> => {
  const delays = await watchLoopDelays();
  const [stack, elsewhere] = await Promise.all([
    startStack(redisUrl, 'large', {
      ...delays.settings,
      ISOTHERM_LARGE_REST_MS: String(parameters.largeRestMs),
    }),
    startStack(redisUrl, 'elsewhere', {}),
  ]);
  const load = { small: startLoadGenerator(), large: startLoadGenerator() };
  try {
    const { smallRatePerS, besideMs, besideTurns, besideWarmMs, largeInFlight } = parameters;
    const { largeBytes, answerTokens: tokensMax } = parameters;
    const smallBodies = [JSON.stringify(chatBody({ text: smallQuestion, tokensMax }))];
    const smallAsked = asking(stack, smallBodies);
    const bodies = await largeBodies(largeBytes, tokensMax);
    const times = { warmMs: 1_000, measureMs: besideMs / besideTurns };
    const closed = (concurrency: number) => ({ kind: 'closed', concurrency }) as const;
    say(`small requests, and ${largeInFlight} large ones beside them`);
    const warm = { warmMs: 0, measureMs: besideWarmMs / 2 };
    await load.small.drive({ ...warm, asked: smallAsked, pace: closed(8) });
    for (const there of [elsewhere, stack]) {
      await load.large.drive({ ...warm, asked: asking(there, bodies), pace: closed(4) });
    }
    const measureIn = async (condition: Condition, there?: LocalStack): Promise<void> => {
      await delays.read(stack.instances('router'));
      const pace = { kind: 'open', perS: smallRatePerS } as const;
      const [small, large] = await Promise.all([
        load.small.drive({ ...times, asked: smallAsked, pace }),
        there &&
          load.large.drive({ ...times, asked: asking(there, bodies), pace: closed(largeInFlight) }),
      ]);
      condition.small.push(small);
      if (large !== undefined) condition.large.push(large);
      const { router = Number.NaN } = await delays.read(stack.instances('router'));
      condition.loopDelaysMs.push(router);
    };
    const conditions: Conditions = {
      alone: condition(),
      beside: condition(),
      elsewhere: condition(),
    };
    for (let turn = 0; turn < besideTurns; turn++) {
      await measureIn(conditions.alone);
      await measureIn(conditions.beside, stack);
      await measureIn(conditions.elsewhere, elsewhere);
    }
    return besideOf(conditions);
  } finally {
    await Promise.all([load.small.stop(), load.large.stop(), stack.stop(), elsewhere.stop()]);
    await delays.close();
  }
};

const condition = (): Condition => ({ small: [], large: [], loopDelaysMs: [] });

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

const besideOf = (conditions: Conditions): BesideLarge => {
  const wholeOf = ({ small }: Condition): Summary =>
    summarize(small.flatMap(({ wholeMs }) => wholeMs));
  const alone = wholeOf(conditions.alone);
  const beside = wholeOf(conditions.beside);
  const besideElsewhere = wholeOf(conditions.elsewhere);
  const { large } = conditions.beside;
  const outcomes = Object.values<Condition>({ ...conditions }).flatMap((each) => [
    ...each.small,
    ...each.large,
  ]);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  const failure = outcomes.find((outcome) => outcome.failed > 0)?.failure ?? '';
  const figures = {
    ...{ alone, beside, smallP99Ratio: round(beside.p99 / alone.p99) },
    ...{ besideElsewhere, elsewhereP99Ratio: round(besideElsewhere.p99 / alone.p99) },
    loopDelayP99Ms: round(median(conditions.beside.loopDelaysMs)),
    aloneLoopDelayP99Ms: round(median(conditions.alone.loopDelaysMs)),
    largePerS: perS(large),
    elsewhereLargePerS: perS(conditions.elsewhere.large),
    largeMs: summarize(large.flatMap(({ wholeMs }) => wholeMs)),
    failed,
  };
  say(
    `  small p50 and p99 ${alone.p50} and ${alone.p99} ms alone, ${beside.p50} and ${beside.p99} ms beside ` +
      `${figures.largePerS} large ones/s, ${besideElsewhere.p50} and ${besideElsewhere.p99} ms where another ` +
      `fabric has ${figures.elsewhereLargePerS}; event loop p99 ${figures.aloneLoopDelayP99Ms} and ` +
      `${figures.loopDelayP99Ms} ms; ${failed} failed ${failure}`,
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
