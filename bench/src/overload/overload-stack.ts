import type { SloClass, SloClasses, SloClassName } from '@isotherm/policy';
import { type LocalStack, startLocalStack } from '@isotherm/stack';
import { chatBody } from '../client/chat-body.ts';
import { profileSettings } from '../stack/profile-settings.ts';

/** Promises that mean something for an engine that takes tens of milliseconds for a prompt. */
export const promised: SloClasses = {
  interactive: classOf(400, 100, 300, 400),
  standard: classOf(1_500, 200, 1_200, 3_000),
  batch: classOf(20_000, 1_000, 16_000, 120_000),
};

/** What waits for longer than was expected is answered late, until `giveUpMs`: that is no good answer, but an answer. */
function classOf(ttftMs: number, tokenMs: number, waitMsMax: number, giveUpMs: number): SloClass {
  const promoteMs = waitMsMax / 2;
  return { ttftMs, ttftTokenMs: 0, tokenMs, waitMsMax, giveUpMs, promoteMs, placesShareMax: 1 };
}

/** Time that the prefill engine takes for a prompt: it alone is what is short, so its rate is the capacity. */
export interface OverloadShape {
  readonly promptMs: number;
  readonly answerTokens: number;
}

export const overloadBody = ({ answerTokens }: OverloadShape): string =>
  JSON.stringify({
    ...chatBody({ text: 'What is the answer, and to what?', tokensMax: answerTokens }),
    stream: true,
  });

export const startOverloadStack = (
  redisUrl: string,
  name: string,
  { promptMs }: OverloadShape,
): Promise<LocalStack> =>
  startLocalStack({
    redisUrl,
    settings: profileSettings(name, { prefillPromptMs: promptMs, decodeStepMs: 2, slots: 32 }),
    settingsOf: { router: { ISOTHERM_SLO_CLASSES: JSON.stringify(promised) } },
  });

/** Whether an answer kept what its class promises. */
export const isGood = (
  sloClass: SloClassName,
  { firstMs, wholeMs, tokens }: { firstMs: number; wholeMs: number; tokens: number },
): boolean => {
  const { ttftMs, tokenMs } = promised[sloClass];
  return firstMs <= ttftMs && (wholeMs - firstMs) / Math.max(1, tokens - 1) <= tokenMs;
};
