import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { postChat } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';

/** Every field that the SDK may send; the compiler says which are missing when the SDK is upgraded. */
const sdkFields: Readonly<Record<keyof OpenAI.ChatCompletionCreateParamsStreaming, true>> = {
  ...{ messages: true, model: true, audio: true, frequency_penalty: true, function_call: true },
  ...{ functions: true, logit_bias: true, logprobs: true, max_completion_tokens: true },
  ...{ max_tokens: true, metadata: true, modalities: true, moderation: true, n: true },
  ...{ parallel_tool_calls: true, prediction: true, presence_penalty: true },
  ...{ prompt_cache_key: true, prompt_cache_options: true, prompt_cache_retention: true },
  ...{ reasoning_effort: true, response_format: true, safety_identifier: true, seed: true },
  ...{ service_tier: true, stop: true, store: true, stream: true, stream_options: true },
  ...{ temperature: true, tool_choice: true, tools: true, top_logprobs: true, top_p: true },
  ...{ user: true, verbosity: true, web_search_options: true },
};

interface Row {
  readonly field: string;
  readonly served: 'yes' | 'in part' | 'no';
  /** Undefined in the table of endpoints. */
  readonly example: unknown;
}

const page = readFileSync(join(repositoryRoot, 'docs', 'openai-api.md'), 'utf8');

/** The rows of the table below a heading. */
const rowsOf = (heading: string): readonly Row[] => {
  const [, below = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = below.split('\n## ');
  const row = /^\| `([^`]+)` +\| (yes|in part|no) +\| (?:`([^`]+)`)?/gm;
  return [...section.matchAll(row)].map(([, field = '', served, example]) => ({
    ...{ field, served: served as Row['served'] },
    example: example === undefined ? undefined : (JSON.parse(example) as unknown),
  }));
};

const endpoints = rowsOf('Endpoints');
const requestFields = rowsOf('Fields of a request');
const messages = [{ role: 'user', content: 'What is this?' }];
/** A whole body for each example, and the place that is at fault where it is refused. */
const examples = [
  ...requestFields.map((row) => ({
    ...row,
    param: row.field,
    body: { messages, max_tokens: 2, [row.field]: row.example },
  })),
  ...rowsOf('Fields of a message').map((row) => ({
    ...row,
    param: `messages[0].${row.field}`,
    body: { messages: [row.example, ...messages], max_tokens: 2 },
  })),
  ...rowsOf('Parts of a message').map((row) => ({
    ...row,
    param: `messages[0].content[0].${row.field}`,
    body: {
      messages: [{ role: 'user', content: [row.example, { type: 'text', text: 'What is this?' }] }],
      max_tokens: 2,
    },
  })),
].map((example) => ({ ...example, name: JSON.stringify(example.example).slice(0, 60) }));

await describeWithRedis('docs/openai-api.md', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  it('lists every field that the official SDK may send, once', () => {
    const listed = requestFields.map(({ field }) => field);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(Object.keys(sdkFields)));
    expect(examples.length).toBeGreaterThan(50);
  });

  describe('is right about', () => {
    it.each(examples)('$field: $served, as in $name', async ({ served, param, body }) => {
      const outcome = await postChat(deployment.stack.http, body);
      if (served === 'yes') {
        expect(outcome).toMatchObject({ kind: 'completed' });
        return;
      }
      if (outcome.kind === 'completed') throw new Error('It was answered, and is to be refused.');
      expect([outcome.status, outcome.error.param]).toEqual([400, param]);
    });

    it.each(endpoints)('$field: $served', async ({ field, served }) => {
      const [method = '', path = ''] = field.replace('MODEL', 'panel').split(' ');
      const sent = method === 'POST' ? { method, body: '{}' } : { method };
      const { status } = await fetch(`${deployment.stack.http}${path}`, sent);
      const there = method === 'POST' ? 400 : 200;
      expect(status).toBe(served === 'yes' ? there : 404);
    });
  });
});
