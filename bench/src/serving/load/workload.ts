import { type Random, seededRandom } from '@isotherm/kernel';
import { azureTokens, drawTokens } from './lengths.ts';
import { type AskedPicture, dataUrl, loadPictures, uniqueDataUrl } from './pictures.ts';

/**
 * What is asked.
 * - `mixed`: half texts, half with 1 to 4 pictures; every picture is new.
 * - `repeated-images`: 1 or 2 of four pictures each time, other questions.
 * - `shared-prefix`: texts that begin with one of two long prefixes.
 * - `pictures-0` to `pictures-4`: `mixed` with so many pictures in every request.
 */
export type WorkloadKind =
  'mixed' | 'repeated-images' | 'shared-prefix' | `pictures-${0 | 1 | 2 | 3 | 4}`;

/** Whose questions: the shipped model gets those it was trained for, the weighty one words by length. */
export type Asker = 'panel' | 'weighty';

export interface WorkloadOptions {
  readonly kind: WorkloadKind;
  readonly asker: Asker;
  readonly seed: number;
  readonly count: number;
  /** Runs of one seed ask the same questions; those with another number here ask them about pictures that are new. */
  readonly run?: number;
}

export interface PlannedRequest {
  /** A body of POST /v1/chat/completions. */
  readonly body: string;
  readonly images: number;
  readonly tokensMax: number;
}

/** Shares of requests with 0 to 4 pictures; of those with any, two thirds have one, as in the trace of `lengths.ts`. */
export const imageShares = [0.5, 0.33, 0.08, 0.03, 0.06] as const;
/** Lengths of the trace are divided by this, so that a run on a processor takes minutes. */
export const lengthScale = 1 / 6;

const picturesMax = { panel: 300, weighty: 40 } as const;
const repeatedPictures = 4;
const runsMax = 1000;
const weightySidePx = 512;
const panelAnswerTokensMax = 32;
const prefixWords = 320;

export const planWorkload = async (
  options: WorkloadOptions,
): Promise<readonly PlannedRequest[]> => {
  const { kind, asker, seed, count, run = 0 } = options;
  const random = seededRandom(seed);
  const pixels = seededRandom(seed * runsMax + run);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pictures = await loadPictures(
    picturesMax[asker],
    asker === 'panel' ? undefined : weightySidePx,
  );
  const pick = (): AskedPicture => pictures[below(pictures.length)] ?? none;
  const repeated = Array.from({ length: repeatedPictures }, pick);
  const repeatedUrls = await Promise.all(repeated.map(dataUrl));
  const prefixes = [words(prefixWords, seededRandom(1)), words(prefixWords, seededRandom(2))];
  const planned: PlannedRequest[] = [];
  for (let index = 0; index < count; index++) {
    const images = imagesOf(kind, random);
    const asked = kind === 'repeated-images' ? [] : Array.from({ length: images }, pick);
    const urls =
      kind === 'repeated-images'
        ? distinct(images, repeatedPictures, below).map((at) => repeatedUrls[at] ?? '')
        : await Promise.all(asked.map((picture) => uniqueDataUrl(picture, pixels)));
    const question =
      asker === 'weighty'
        ? words(promptTokens(random) / tokensPerWord, random)
        : panelQuestion(images, asked[0] ?? pick(), below);
    const prefix = kind === 'shared-prefix' ? `${prefixes[below(prefixes.length)] ?? ''}. ` : '';
    const tokensMax = asker === 'weighty' ? answerTokens(images, random) : panelAnswerTokensMax;
    planned.push({ body: bodyOf(`${prefix}${question}`, urls, tokensMax), images, tokensMax });
  }
  return planned;
};

const none: AskedPicture = { question: '', raw: Buffer.alloc(3), widthPx: 1, heightPx: 1 };

const imagesOf = (kind: WorkloadKind, random: Random): number => {
  switch (kind) {
    case 'mixed': {
      const share = random();
      let sum = 0;
      const images = imageShares.findIndex((each) => share < (sum += each));
      return images < 0 ? imageShares.length - 1 : images;
    }
    case 'repeated-images':
      return random() < 0.75 ? 1 : 2;
    case 'shared-prefix':
      return 0;
    default:
      return Number(kind.slice(-1));
  }
};

const distinct = (
  count: number,
  limit: number,
  below: (limit: number) => number,
): readonly number[] => {
  const first = below(limit);
  return Array.from({ length: count }, (_, index) => (first + index) % limit);
};

const panelTexts = [
  'Hello',
  'Who are you?',
  'What can you read?',
  'What is a gauge?',
  'When is a rack critical?',
  'Which colours can a light have?',
  'Thank you!',
  'Good night',
];

const panelQuestion = (
  images: number,
  picture: AskedPicture,
  below: (limit: number) => number,
): string =>
  images === 0
    ? (panelTexts[below(panelTexts.length)] ?? 'Hello')
    : below(6) === 0
      ? 'Describe the picture.'
      : picture.question;

const vocabulary = ['the', 'rack', 'is', 'red', 'which', 'unit', 'high', 'number', 'low', 'on'];
/** Of the shipped tokenizer for these words. */
const tokensPerWord = 1.1;

const words = (count: number, random: Random): string =>
  Array.from(
    { length: Math.max(1, Math.round(count)) },
    () => vocabulary[Math.floor(random() * vocabulary.length)],
  ).join(' ');

const promptTokens = (random: Random): number =>
  drawTokens(azureTokens.promptText, lengthScale, { min: 8, max: 512 }, random);

const answerTokens = (images: number, random: Random): number =>
  drawTokens(
    images > 0 ? azureTokens.answerWithImage : azureTokens.answerText,
    lengthScale,
    { min: 2, max: 96 },
    random,
  );

const bodyOf = (text: string, urls: readonly string[], tokensMax: number): string =>
  JSON.stringify({
    messages: [
      {
        role: 'user',
        content: [
          ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
          { type: 'text', text },
        ],
      },
    ],
    max_tokens: tokensMax,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
