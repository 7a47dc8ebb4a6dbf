import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PromptMessage, type TextModel } from '@isotherm/engine/text';
import { loadModels } from '../load-models.ts';
import { type Aside, type AsideBounds, createAside } from './aside.ts';
import type { ModelSettings } from './aside-calls.ts';

const never = new AbortController().signal;
const profile: ModelSettings = {
  engine: 'profile',
  profile: JSON.stringify({ contextMax: 1 << 20 }),
  modelDir: '',
  modelDirs: '',
  profileFile: '',
  profileEntries: '',
};
const panel: ModelSettings = {
  engine: 'onnx',
  profile: '{}',
  modelDir: fileURLToPath(new URL('../../../../models/panel', import.meta.url)),
  modelDirs: '',
  profileFile: '',
  profileEntries: '',
};
const inPlace = { bodyBytesInPlaceMax: 1 << 30, textLengthInPlaceMax: 1 << 30 };
const inThread = { bodyBytesInPlaceMax: 0, textLengthInPlaceMax: 0 };

const opened: Aside[] = [];
const open = (models: ModelSettings, bounds: Omit<AsideBounds, 'asideMsMax'>): Aside => {
  const aside = createAside({ ...models, ...bounds, asideMsMax: 30_000 });
  opened.push(aside);
  return aside;
};
afterAll(async () => {
  await Promise.all(opened.map((aside) => aside.close()));
});

const bytesOf = (value: object): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ messages: [value] }));
const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
const picture = (bytes: number): object => ({
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${base64(bytes)}` } },
    { type: 'video_url', video_url: { url: `data:video/jpeg;base64,${base64(5)},${base64(9)}` } },
  ],
});
const user = (text: string): PromptMessage => ({ role: 'user', parts: [{ kind: 'text', text }] });

/** Turns of the event loop until something is done. */
const turnsUntil = async (done: Promise<unknown>): Promise<number> => {
  let turns = 0;
  let over = false;
  const count = (): void => {
    if (over) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  await done;
  over = true;
  return turns;
};

describe.each([
  { where: 'in place', bounds: inPlace },
  { where: 'in a thread', bounds: inThread },
])('work aside, $where', ({ where, bounds }) => {
  let model: TextModel | undefined;
  let aside: Aside;
  beforeAll(async () => {
    [model] = await loadModels(profile);
    aside = open(profile, bounds);
  });
  const known = (): TextModel => {
    if (model === undefined) throw new Error('The model is not there.');
    return model;
  };

  it.each([3, 100_000])('parses a body with a picture of %d bytes', async (bytes) => {
    const { chat } = await aside.parse(bytesOf(picture(bytes)), 7, never);
    expect(chat.deadlineMs).toBe(7);
    const [text, file, clip] = chat.messages[0]?.parts ?? [];
    expect(text).toMatchObject({ kind: 'text', text: 'What is this?' });
    expect(file).toMatchObject({ kind: 'file', mimeType: 'image/png' });
    const given = file?.kind === 'file' ? file.bytes : new Uint8Array();
    expect(Buffer.compare(given, Buffer.alloc(bytes, 7))).toBe(0);
    const frames = clip?.kind === 'frames' ? clip.frames.map(({ length }) => length) : [];
    expect(frames).toEqual([5, 9]);
  });

  it('names the field that it refuses', async () => {
    const body = new TextEncoder().encode('{"messages": 5}');
    const parsing = aside.parse(body, undefined, never);
    await expect(parsing).rejects.toMatchObject({ code: 'invalid_argument', param: 'messages' });
  });

  it('makes the prompt that the model makes, and the keys of its blocks', async () => {
    const messages = [user('hot '.repeat(20_000))];
    const prompt = await aside.prompt(known(), messages);
    expect(prompt).toEqual(known().prompt(messages));
    const prefix = { tokenIds: prompt.tokenIds, generatedTokens: 0, media: [] };
    const blocks = { blockTokens: 512, placeholders: [], architecture: 'decoder-only' } as const;
    const keys = await aside.prefixKeys(prefix, blocks);
    expect(keys).toHaveLength(Math.floor((prompt.tokenIds.length - 1) / 512));
    expect(keys).toEqual(await open(profile, inPlace).prefixKeys(prefix, blocks));
  });

  it('says what the model says of a text that is too long for it', async () => {
    const [small] = await loadModels(panel);
    if (small === undefined) throw new Error('The model is not there.');
    const asking = open(panel, bounds).prompt(small, [user('rack '.repeat(50_000))]);
    await expect(asking).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
    });
  });

  it(`${where === 'in place' ? 'holds up' : 'lets go on'} the event loop meanwhile`, async () => {
    // The thread has started by now.
    const body = bytesOf(picture(4 << 20));
    const parsing = await turnsUntil(aside.parse(body, undefined, never));
    const making = await turnsUntil(aside.prompt(known(), [user('x'.repeat(900_000))]));
    if (where === 'in place') expect([parsing, making]).toEqual([0, 0]);
    // How many depends on who gets the processor: the profile engine's prompt takes a millisecond.
    else expect(Math.min(parsing, making)).toBeGreaterThan(0);
  });
});

it('a request whose client has left is not parsed', async () => {
  const left = AbortSignal.abort();
  const parsing = open(profile, inThread).parse(bytesOf(picture(3)), undefined, left);
  await expect(parsing).rejects.toMatchObject({ code: 'cancelled' });
});
