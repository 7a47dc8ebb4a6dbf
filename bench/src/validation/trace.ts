import type { TextModel } from '@isotherm/engine/text';
import { type Random, seededRandom } from '@isotherm/kernel';
import type { ChatBody } from '../client/chat-client.ts';
import { unitArrivals } from '../serving/load/arrivals.ts';
import { azureTokens, drawTokens } from '../serving/load/lengths.ts';
import { loadPictures, uniqueDataUrl } from '../serving/load/pictures.ts';
import { imageShares } from '../serving/load/workload.ts';
import { promptTokensMax } from './parameters.ts';

/** A request as the simulator takes it, and as the live stack does. */
export interface TracedRequest {
  readonly images: number;
  /** Tokens of each picture. */
  readonly imageTokens: number;
  /** Tokens of the prompt that no picture stands for, the template's too. */
  readonly textTokens: number;
  readonly answerTokens: number;
  readonly body: ChatBody;
}

export interface Trace {
  readonly requests: readonly TracedRequest[];
  /** When each arrives, at a mean rate of one in a unit of time. */
  readonly atUnits: readonly number[];
}

/** Lengths of the production trace, divided so that a request takes a processor a good hundred milliseconds. */
const lengthScale = 1 / 8;
const answerTokensMax = 60;
const sidePx = 192;
const picturesMax = 40;
const vocabulary = ['the', 'rack', 'is', 'red', 'which', 'unit', 'high', 'number', 'low', 'on'];

export interface RequestShape {
  readonly images: number;
  readonly words: number;
  readonly answerTokens: number;
}

/** Poisson arrivals; pictures and lengths as in Azure's trace of October 2024, scaled. Another seed, another trace. */
export const drawTrace = async (text: TextModel, count: number, seed: number): Promise<Trace> => {
  const random = seededRandom(seed);
  const shapes = Array.from({ length: count }, () => drawShape(random));
  return {
    requests: await tracedRequests(text, shapes, random),
    atUnits: unitArrivals('poisson', count, seededRandom(seed + 1)),
  };
};

export const tracedRequests = async (
  text: TextModel,
  shapes: readonly RequestShape[],
  random: Random,
): Promise<readonly TracedRequest[]> => {
  const pictures = await loadPictures(picturesMax, sidePx);
  const requests: TracedRequest[] = [];
  for (const { images, words, answerTokens } of shapes) {
    const urls: string[] = [];
    for (let image = 0; image < images; image += 1) {
      const picture = pictures[Math.floor(random() * pictures.length)];
      if (picture !== undefined) urls.push(await uniqueDataUrl(picture, random));
    }
    const question = Array.from(
      { length: words },
      () => vocabulary[Math.floor(random() * vocabulary.length)],
    ).join(' ');
    requests.push({
      ...countedOf(text, images, question),
      answerTokens,
      body: bodyOf(question, urls, answerTokens),
    });
  }
  return requests;
};

const drawShape = (random: Random): RequestShape => {
  const share = random();
  let sum = 0;
  const images = Math.max(
    0,
    imageShares.findIndex((each) => share < (sum += each)),
  );
  const most = promptTokensMax - 20 - images * 36;
  const range = { min: 4, max: most / 1.3 };
  const words = drawTokens(azureTokens.promptText, lengthScale, range, random);
  const answers = images > 0 ? azureTokens.answerWithImage : azureTokens.answerText;
  const answerTokens = drawTokens(answers, lengthScale, { min: 1, max: answerTokensMax }, random);
  return { images, words: Math.floor(words), answerTokens };
};

const countedOf = (text: TextModel, images: number, question: string) => {
  const picture = { kind: 'image' as const, widthPx: sidePx, heightPx: sidePx };
  const parts = [
    ...Array.from({ length: images }, () => picture),
    { kind: 'text' as const, text: question },
  ];
  const { tokenIds, mediaTokens } = text.prompt([{ role: 'user', parts }]);
  const imageTokens = mediaTokens[0] ?? 0;
  return { images, imageTokens, textTokens: tokenIds.length - images * imageTokens };
};

const bodyOf = (question: string, urls: readonly string[], answerTokens: number): ChatBody => {
  const content = [
    ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
    { type: 'text', text: question },
  ];
  return { messages: [{ role: 'user', content }], max_tokens: answerTokens };
};
