import type { InstanceCache, RouterEntry, RouterGetStatusResponse } from '@isotherm/proto';
import { type Column, tableLines } from '../show/table.ts';

type Instance = RouterGetStatusResponse['instances'][number];

interface Field extends Column {
  readonly of: (instance: Instance) => string;
}

const fields: readonly Field[] = [
  { title: 'stage', align: 'left', of: ({ stage }) => stage },
  { title: 'instance', align: 'left', of: ({ instanceId }) => instanceId },
  { title: 'address', align: 'left', of: ({ address }) => address },
  { title: 'model', align: 'left', of: ({ model }) => model },
  { title: 'state', align: 'left', of: (one) => stateText(one) },
  { title: 'jobs', align: 'right', of: ({ bookings }) => String(bookings) },
  { title: 'pending tokens', align: 'right', of: ({ pendingTokens }) => String(pendingTokens) },
  { title: 'cache', align: 'right', of: ({ cache }) => (cache ? bytesText(cache.bytes) : '') },
  { title: 'hits', align: 'right', of: ({ cache }) => (cache ? hitText(cache) : '') },
];
/** Left out where nobody knows anything of them: without a thermal service. */
const heatFields: readonly Field[] = [
  { title: 'place', align: 'left', of: ({ place }) => placeText(place) },
  { title: 'headroom', align: 'right', of: ({ headroom }) => headroomText(headroom) },
  { title: 'bound by', align: 'left', of: ({ headroom }) => boundText(headroom) },
];

/** What a router knows and holds, for people. */
export const statusLines = (
  answer: RouterGetStatusResponse,
  address: string,
): readonly string[] => {
  const { instances, routers } = answer;
  const shown = [...fields, ...heatFields.filter(({ of }) => instances.some((one) => of(one)))];
  return [
    `${answer.routerId} at ${address} serves ${answer.models.join(', ')}: ` +
      `${answer.requests} requests in flight, ${answer.bookings} bookings, ${answer.leases} leases`,
    ...(routers.length > 1 ? [`routers: ${routers.map(routerText).join(', ')}`] : []),
    ...heatLine(answer.headroom),
    '',
    ...tableLines(
      shown,
      instances.map((one) => shown.map(({ of }) => of(one))),
    ),
  ];
};

const routerText = ({ routerId, address, state }: RouterEntry): string =>
  `${routerId} at ${address}${state === 'serving' ? '' : ` (${state})`}`;

/** Where headroom comes from, and what it is worth. */
const heatLine = (source: RouterGetStatusResponse['headroom']): readonly string[] => {
  if (source === null || source.state === 'none') {
    return ['headroom: no thermal service is heard, so heat has no say in where work goes'];
  }
  const { state, thermalId, address, ageMs, routes } = source;
  const from = `${thermalId} at ${address}, heard ${(ageMs / 1000).toFixed(1)} s ago`;
  const old = state === 'fresh' ? '' : ': too long to be believed, so little is assumed to be left';
  return [`headroom: ${state}, by ${from}${old}${routes ? '' : '; no work is routed by it'}`];
};

/** An instance that is there and gets no work for now is neither ready nor away. */
const stateText = ({ ready, breaker }: Instance): string => {
  if (!ready) return 'away';
  return breaker === 'open' ? 'failing' : 'ready';
};

/** SERVER/0,1,2,3 as SERVER/0-3. */
const placeText = (place: string): string => {
  const [server = '', list = ''] = place.split('/');
  const gpus = list.split(',').map(Number);
  const [first = 0] = gpus;
  const isRun = gpus.length > 1 && gpus.every((gpu, index) => gpu === first + index);
  return isRun ? `${server}/${first}-${gpus.at(-1)}` : place;
};

const headroomText = (headroom: Instance['headroom']): string =>
  headroom === null
    ? ''
    : `${headroom.conservative ? 'assumed ' : ''}${(100 * headroom.stageShare).toFixed(0)} %`;

/** The level of `power_share` where it is what counts, else the GPU's own temperature. */
const boundText = (headroom: Instance['headroom']): string => {
  if (headroom === null || headroom.conservative) return '';
  const { powerShare, coreShare, memoryShare, binding } = headroom;
  if (powerShare <= Math.min(coreShare, memoryShare)) return binding.replace(':', ' ');
  return coreShare <= memoryShare ? 'core temperature' : 'memory temperature';
};

/** Bytes of a cache in MB, to read at a glance. */
const bytesText = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Of all jobs, how many found something in the cache; those that joined another's work count too. */
const hitText = ({ hits, misses, coalesced }: InstanceCache): string =>
  `${hits + coalesced} of ${hits + misses + coalesced}`;
