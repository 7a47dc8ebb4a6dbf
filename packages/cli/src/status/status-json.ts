import type { InstanceCache, RouterGetStatusResponse } from '@isotherm/proto';

/** What a router knows and holds, for programs. */
export const statusJson = (address: string, answer: RouterGetStatusResponse): object => ({
  router: answer.routerId,
  address,
  models: answer.models,
  requests: answer.requests,
  bookings: answer.bookings,
  leases: answer.leases,
  headroom: sourceJson(answer.headroom),
  instances: answer.instances.map((one) => ({
    stage: one.stage,
    instance: one.instanceId,
    address: one.address,
    model: one.model,
    ready: one.ready,
    breaker: one.breaker,
    precision: one.precision,
    bookings: one.bookings,
    pending_tokens: one.pendingTokens,
    cache: one.cache === null ? null : cacheJson(one.cache),
    place: one.place === '' ? null : one.place,
    headroom: headroomJson(one.headroom),
  })),
});

const sourceJson = (source: RouterGetStatusResponse['headroom']): object => ({
  ...{ state: source?.state ?? 'none', thermal: source?.thermalId || null },
  ...{ address: source?.address || null, age_ms: source?.ageMs ?? 0 },
  routes: source?.routes ?? false,
});

const headroomJson = (
  headroom: RouterGetStatusResponse['instances'][number]['headroom'],
): object | null =>
  headroom === null
    ? null
    : {
        ...{ power_share: headroom.powerShare, core_share: headroom.coreShare },
        ...{ memory_share: headroom.memoryShare, stage_share: headroom.stageShare },
        ...{ binding: headroom.binding, conservative: headroom.conservative },
      };

const cacheJson = (cache: InstanceCache): object => ({
  name: cache.name,
  entries: cache.entries,
  bytes: cache.bytes,
  bytes_max: cache.bytesMax,
  hits: cache.hits,
  misses: cache.misses,
  evictions: cache.evictions,
  coalesced: cache.coalesced,
  keys_known: cache.keysKnown,
});
