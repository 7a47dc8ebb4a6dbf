import { instanceId } from '@isotherm/kernel';
import type { InstanceView, RouteRequest } from './contract.ts';

/** An idle decode instance of the model `panel`, with what a test wants to be different. */
export const exampleInstance = (
  id: string,
  different: Partial<Omit<InstanceView, 'id'>> = {},
): InstanceView => ({
  id: instanceId(id),
  stage: 'decode',
  model: 'panel',
  ready: true,
  capacity: 1,
  contextMax: 512,
  bookedTokens: 0,
  reportedTokens: 0,
  cacheKeys: new Set(),
  kvBytes: 0,
  kvBytesMax: 0,
  ...different,
});

/** Work that every example instance can do. */
export const exampleRequest = (different: Partial<RouteRequest> = {}): RouteRequest => ({
  stage: 'decode',
  model: 'panel',
  tokens: 100,
  contextTokens: 100,
  excluded: new Set(),
  cacheKeys: [],
  ...different,
});
