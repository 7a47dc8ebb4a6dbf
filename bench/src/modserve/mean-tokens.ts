import { multimodalArrivals, multimodalDefaults, randomStream } from '@isotherm/simulator';
import type { Traffic } from './run-arm.ts';

/** Tokens of a request on average. */
export interface MeanTokens {
  readonly text: number;
  readonly media: number;
  readonly answer: number;
}

/** Of requests of `multimodalArrivals`, seen in a sample of them. */
export const meanTokens = (traffic: Traffic, imageTokens: number): MeanTokens => {
  const source = multimodalArrivals(
    { ...multimodalDefaults, ...traffic, requestsPerS: 1, imageTokens },
    randomStream(1, 'means'),
  );
  const sums = { text: 0, media: 0, answer: 0 };
  const count = 20_000;
  for (let each = 0; each < count; each += 1) {
    const arrival = source.next();
    sums.text += arrival?.textTokens ?? 0;
    sums.media += (arrival?.media ?? 0) * (arrival?.mediumTokens ?? 0);
    sums.answer += arrival?.answerTokens ?? 0;
  }
  return { text: sums.text / count, media: sums.media / count, answer: sums.answer / count };
};
