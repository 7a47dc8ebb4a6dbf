import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, shippedModelDir, startServiceProcess } from '@isotherm/stack';
import { completionOf, question } from '../harness/chat.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { repositoryRoot } from '../harness/repository.ts';

const asked = fixtureQuestions().slice(0, 16);
const lines: string[] = [];

describe('all stages in one process, without Redis', () => {
  let embedded: ServiceProcess;
  beforeAll(async () => {
    embedded = await startServiceProcess({
      service: 'embedded',
      main: join(repositoryRoot, 'services', 'embedded', 'dist', 'main.js'),
      environment: { PATH: process.env['PATH'], ISOTHERM_MODEL_DIR: shippedModelDir },
      readyMsMax: 30_000,
      log: (line) => lines.push(line),
    });
  });
  afterAll(async () => {
    if (embedded.alive()) await embedded.stop(5000);
  });

  it('answers as separate services do, many at once, and stops with 0', async () => {
    const http = String(embedded.ready['http']);
    const ask = async ({ bytes, question: text }: (typeof asked)[number]): Promise<string> => {
      const completion = await completionOf(http, question([bytes], text, { max_tokens: 32 }));
      const stages = completion.isotherm.stages.map(({ stage }) => stage);
      expect(stages.slice(0, 2)).toEqual(['encode', 'prefill']);
      return completion.choices[0].message.content;
    };
    const together = await Promise.all(asked.map(ask));
    const oneByOne: string[] = [];
    for (const each of asked) oneByOne.push(await ask(each));
    expect(together).toEqual(oneByOne);
    expect(await embedded.stop(10_000)).toBe(0);
  });
});
