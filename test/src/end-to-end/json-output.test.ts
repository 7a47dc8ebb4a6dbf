import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMonolith } from '@isotherm/engine';
import type { Grammar, Sampling } from '@isotherm/engine/text';
import { shippedModelDir } from '@isotherm/stack';
import { type Completion, completionOf, postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';

const asked = fixtureQuestions().slice(0, 12);
const maxTokens = 120;
const schema = {
  title: 'Reading',
  type: 'object',
  properties: {
    what: { type: 'string', maxLength: 24 },
    rows: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, minItems: 1, maxItems: 3 },
    level: { type: 'integer', minimum: 0, maximum: 100 },
    note: { anyOf: [{ type: 'null' }, { type: 'boolean' }] },
  },
  required: ['what', 'rows', 'level'],
  additionalProperties: false,
};
const format = {
  type: 'json_schema',
  json_schema: { name: 'reading', schema, strict: true },
} as const;
const grammar: Grammar = { kind: 'jsonSchema', schema: JSON.stringify(schema) };

interface Reading {
  readonly what: string;
  readonly rows: readonly string[];
  readonly level: number;
  readonly note?: boolean | null;
}

const expectReading = (text: string): void => {
  const { what, rows, level, note, ...others } = JSON.parse(text) as Reading;
  expect(others).toEqual({});
  expect(Array.from(what).length).toBeLessThanOrEqual(24);
  expect(rows.length >= 1 && rows.length <= 3).toBe(true);
  expect(rows.every((row) => ['red', 'green', 'blue'].includes(row))).toBe(true);
  expect(Number.isInteger(level) && level >= 0 && level <= 100).toBe(true);
  expect([undefined, null, true, false]).toContain(note);
};

const textOf = ({ choices: [{ message }] }: Completion): string => message.content;
const greedy: Sampling = { temperature: 0, topP: 1, seed: 0 };

await describeWithRedis('JSON output', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });
  const ask = (index: number, fields: object): Promise<Completion> => {
    const { bytes, question: text } = asked[index] ?? { bytes: new Uint8Array(), question: '' };
    const body = question([bytes], text, { max_tokens: maxTokens, ...fields });
    return completionOf(deployment.stack.http, body);
  };

  it('of a schema is valid, among free answers that it leaves alone, as in one process', async () => {
    const monolith = await createMonolith({ modelDir: shippedModelDir });
    const expected: string[] = [];
    for (const [index, { bytes, question: text }] of asked.entries()) {
      const parts = [
        { kind: 'image', bytes },
        { kind: 'text', text },
      ] as const;
      const options = { tokensMax: maxTokens, sampling: greedy };
      const own = index % 2 === 0 ? { ...options, grammar } : options;
      expected.push((await monolith.answer([{ role: 'user', parts }], own)).text);
    }
    await monolith.close();
    const completions = await mapInFlight(asked, asked.length, (_, index) =>
      ask(index, index % 2 === 0 ? { response_format: format } : {}),
    );
    expect(completions.map(textOf)).toEqual(expected);
    const constrained = completions.filter((_, index) => index % 2 === 0);
    for (const completion of constrained) {
      expect(completion.choices[0].finish_reason).toBe('stop');
      expectReading(textOf(completion));
    }
  });

  it('is valid when drawn hot, on both doors', async () => {
    const seeds = Array.from({ length: 6 }, (_, seed) => seed);
    const hot = { temperature: 2, response_format: format };
    const completions = await Promise.all(seeds.map((seed) => ask(seed, { ...hot, seed })));
    for (const completion of completions) expectReading(textOf(completion));
    const [first = { bytes: new Uint8Array(), question: '' }] = asked;
    const parts = [{ image: first.bytes }, { text: first.question }];
    const request = { messages: [{ role: 'user', parts }], maxTokens, temperature: 2, seed: 0 };
    const answer = await generate(deployment, { ...request, jsonSchema: JSON.stringify(schema) });
    expect(answer.text).toBe(completions[0] && textOf(completions[0]));
    const object = await generate(deployment, { ...request, jsonObject: true });
    if (object.kind === 'failed') throw object.fault;
    expect(object.text.startsWith('{')).toBe(true);
    if (object.finished.finishReason === 'stop') JSON.parse(object.text);
  });

  it('ends with length where the bound comes first', async () => {
    const completion = await ask(0, { response_format: format, max_tokens: 3 });
    expect(completion.choices[0].finish_reason).toBe('length');
    expect(textOf(completion)).toMatch(/^\{"w/);
  });

  it('of an object comes from json_object; text is free', async () => {
    const object = await ask(0, { response_format: { type: 'json_object' } });
    expect(textOf(object).startsWith('{')).toBe(true);
    const text = await ask(0, { response_format: { type: 'text' } });
    expect(textOf(text)).toBe(textOf(await ask(0, {})));
  });

  const path = 'response_format.json_schema';
  it.each([
    ['no schema', { name: 'a' }, 'invalid_argument', `${path}.schema`],
    ['a schema that is a list', { name: 'a', schema: [] }, 'invalid_argument', `${path}.schema`],
    ['no name', { schema: {} }, 'invalid_argument', `${path}.name`],
    [
      'a keyword that is not understood',
      { name: 'a', schema: { properties: { b: { type: 'string', pattern: '^a' } } } },
      'unsupported',
      `${path}.schema.properties.b.pattern`,
    ],
    [
      'a schema without a finite value',
      { name: 'a', schema: { $ref: '#' } },
      'invalid_argument',
      `${path}.schema`,
    ],
  ])('refuses %s', async (_, jsonSchema, code, param) => {
    const fields = { response_format: { type: 'json_schema', json_schema: jsonSchema } };
    const outcome = await postChat(deployment.stack.http, question([], 'hello', fields));
    expect(outcome).toMatchObject({ kind: 'refused', status: 400, error: { code, param } });
  });

  it('refuses a schema over gRPC by its place', async () => {
    const messages = [{ role: 'user', parts: [{ text: 'hello' }] }];
    const answer = await generate(deployment, { messages, jsonSchema: '{"not": {}}' });
    expect(answer).toMatchObject({ fault: { code: 'unsupported', param: 'json_schema.not' } });
  });
});
