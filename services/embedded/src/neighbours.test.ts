import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { startEmbedded } from './embedded.ts';
import { embeddedSettings } from './settings.ts';

const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const peers = createPeers();
const deadline = () => ({ deadline: Date.now() + 5000 });

/** Pulls over the network that the process has served, by stage. */
const pullsServed = async (router: string): Promise<Record<string, number>> => {
  const { instances } = await callUnary<RouterGetStatusResponse>((callback) =>
    peers.router(router).getStatus({}, deadline(), callback),
  );
  const statuses = instances.map(({ address }) =>
    callUnary<StageGetStatusResponse>((callback) =>
      peers.stage(address).getStatus({}, deadline(), callback),
    ),
  );
  const pulls = (await Promise.all(statuses)).map(({ stage, pullsServed: count }) => [
    stage,
    count,
  ]);
  return Object.fromEntries(pulls) as Record<string, number>;
};

describe('stages in one process', () => {
  let service: RunningService;
  beforeAll(async () => {
    const environment = { ISOTHERM_ENGINE: 'profile', ISOTHERM_PROFILE: '{"answerTokens":5}' };
    service = await startEmbedded(readSettings(embeddedSettings, environment), silentLogger());
  });
  afterAll(async () => {
    peers.close();
    await service.stop();
  });

  it('hand on their payloads by reference: nothing is pulled over the network', async () => {
    const response = await fetch(`${String(service.facts['http'])}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: `data:image/png;base64,${onePixel}` } },
              { type: 'text', text: 'What is it?' },
            ],
          },
        ],
      }),
    });
    const { isotherm } = (await response.json()) as {
      isotherm: { stages: { stage: string }[] };
    };
    expect(isotherm.stages.map(({ stage }) => stage)).toEqual(['encode', 'prefill', 'decode']);
    expect(await pullsServed(service.address)).toEqual({ encode: 0, prefill: 0, decode: 0 });
  });
});
