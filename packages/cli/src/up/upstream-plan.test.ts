import { describe, expect, it } from '@jest/globals';
import { upstreamInstances } from './upstream-plan.ts';

describe('instances in front of servers', () => {
  it('are none where no server is named', () => {
    expect(upstreamInstances({})).toEqual([]);
  });

  it('are one for each server, with the kind and the model that were named', () => {
    const upstream = ['http://a/v1', 'http://b/v1'];
    expect(upstreamInstances({ upstream, upstreamServer: 'vllm', model: ['m'] })).toEqual(
      upstream.map((url) => ({
        ISOTHERM_UPSTREAM_ROLE: 'whole',
        ISOTHERM_UPSTREAM_URL: url,
        ISOTHERM_UPSTREAM_SERVER: 'vllm',
        ISOTHERM_UPSTREAM_MODEL: 'm',
      })),
    );
  });

  it('are pairs of servers, and never half of one', () => {
    const upstreamPrefill = ['http://p/v1'];
    const upstreamDecode = ['http://d/v1'];
    expect(upstreamInstances({ upstreamPrefill, upstreamDecode })).toEqual([
      expect.objectContaining({ ISOTHERM_UPSTREAM_ROLE: 'prefill' }),
      expect.objectContaining({
        ISOTHERM_UPSTREAM_ROLE: 'decode',
        ISOTHERM_UPSTREAM_SERVER: 'auto',
        ISOTHERM_UPSTREAM_URL: 'http://d/v1',
      }),
    ]);
    expect(() => upstreamInstances({ upstreamPrefill })).toThrow('go together');
  });
});
