import { seededRandom } from '@isotherm/kernel';
import { startLocalStack } from '@isotherm/stack';
import type { ChatBody, ChatClient } from '../client/chat-client.ts';
import { createChatClient } from '../client/chat-client.ts';
import {
  type AskedPicture,
  dataUrl,
  loadPictures,
  uniqueDataUrl,
} from '../serving/load/pictures.ts';
import type { CacheRuns, HitsAndMisses } from './figures.ts';

export interface CachesMeasured {
  readonly modelDir: string;
  /** Side that pictures are enlarged to; undefined leaves them as they are. */
  readonly picturePx: number | undefined;
  /** Hits, and as many misses. */
  readonly rounds: number;
}

const picturesPerRequest = 4;
const answerTokens = 4;

const off = {
  embeddings: { ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: '0' },
  prefixes: { ISOTHERM_PREFIX_CACHE_BYTES_MAX: '0' },
} as const;

export const measureCaches = async (
  redisUrl: string,
  { modelDir, picturePx, rounds }: CachesMeasured,
): Promise<CacheRuns> => {
  const pictures = await loadPictures(picturesPerRequest, picturePx);
  const measure = (settings: Readonly<Record<string, string>>): Promise<HitsAndMisses> =>
    withClient({ redisUrl, modelDir, settings }, (client) => askInTurn(client, pictures, rounds));
  const both = await measure({});
  const onlyEmbeddings = await measure(off.prefixes);
  const onlyPrefixes = await measure(off.embeddings);
  return { both, onlyEmbeddings, onlyPrefixes };
};

const askInTurn = async (
  client: ChatClient,
  pictures: readonly AskedPicture[],
  rounds: number,
): Promise<HitsAndMisses> => {
  const random = seededRandom(1);
  const known = await Promise.all(pictures.map(dataUrl));
  const unknown = (): Promise<readonly string[]> =>
    Promise.all(pictures.map((picture) => uniqueDataUrl(picture, random)));
  const firstMs = async (urls: readonly string[], index: number): Promise<number> =>
    (await client.ask(question(urls, `${index}: what is the highest reading?`))).firstMs;
  // The first requests also warm what is compiled and connected on the way.
  for (let index = 0; index < 2; index++) await firstMs(await unknown(), index);
  await firstMs(known, 0);
  const runs = { hitMs: [] as number[], missMs: [] as number[], textMs: [] as number[] };
  for (let index = 1; index <= rounds; index++) {
    runs.missMs.push(await firstMs(await unknown(), index));
    runs.hitMs.push(await firstMs(known, index));
    runs.textMs.push(await firstMs([], index));
  }
  return runs;
};

const question = (urls: readonly string[], text: string): ChatBody => ({
  messages: [
    {
      role: 'user',
      content: [
        ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
        { type: 'text', text },
      ],
    },
  ],
  max_tokens: answerTokens,
});

interface Served {
  readonly redisUrl: string;
  readonly modelDir: string;
  readonly settings: Readonly<Record<string, string>>;
}

let started = 0;

const withClient = async (
  { redisUrl, modelDir, settings }: Served,
  work: (client: ChatClient) => Promise<HitsAndMisses>,
): Promise<HitsAndMisses> => {
  const stack = await startLocalStack({
    redisUrl,
    settings: {
      ISOTHERM_MODEL_DIR: modelDir,
      ISOTHERM_PREFIX: `bench-caches-${process.pid}-${(started += 1)}`,
      ...settings,
    },
  });
  const client = createChatClient({ baseUrl: stack.http, connectionsMax: 1 });
  try {
    return await work(client);
  } finally {
    client.close();
    await stack.stop();
  }
};
