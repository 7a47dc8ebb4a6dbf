import type {
  ColocationGroup,
  ColocationInput,
  ColocationLayout,
  ColocationPlan,
  ColocationRefusal,
  PlannedStage,
  StageChoice,
} from './contract.ts';
import { packServers } from './pack-servers.ts';

/** Every way in which three stages can share instances. */
const partitions: readonly (readonly (readonly PlannedStage[])[])[] = [
  [['encode'], ['prefill'], ['decode']],
  [['encode', 'prefill'], ['decode']],
  [['encode'], ['prefill', 'decode']],
  [['encode', 'decode'], ['prefill']],
  [['encode', 'prefill', 'decode']],
];

/** A stage that takes less of the time than this is met by fewer than one unit in a hundred of its neighbours. */
const metShareMin = 0.01;

/**
 * Which stages share instances, how many instances there are, and which share a server: of all ways to share, and all
 * sizes of instances, the one that keeps both targets with the fewest GPUs; among equals that with the sooner first token.
 *
 * Sharing saves where a stage alone would leave an instance idle (few pictures, little traffic), and what is handed on. It
 * costs by units that wait for each other: an engine does not stop in the middle of one. At the 99th percentile a unit waits
 * for a whole one of each neighbour that takes more than a hundredth of the time.
 */
export const planColocation = (input: ColocationInput): ColocationPlan => {
  const needed = partitions.map((partition) => withoutIdle(partition, input));
  const names = new Set<string>();
  const layouts: ColocationLayout[] = [];
  const refused: ColocationRefusal[] = [];
  for (const partition of needed) {
    const name = nameOf(partition);
    if (names.has(name)) continue;
    names.add(name);
    const found = bestOf(partition, name, input);
    if ('reason' in found) refused.push(found);
    else layouts.push(found);
  }
  const [layout, ...alternatives] = layouts.toSorted(compare);
  if (layout === undefined) return { kind: 'impossible', refused };
  const servers = packServers(layout.groups, input.serverSize);
  return { kind: 'planned', layout, servers, alternatives, refused };
};

/** A stage that nobody asks for has no instances. */
const withoutIdle = (
  partition: readonly (readonly PlannedStage[])[],
  { loads }: ColocationInput,
): readonly (readonly PlannedStage[])[] =>
  partition
    .map((stages) => stages.filter((stage) => loads[stage] > 0))
    .filter((stages) => stages.length > 0);

const nameOf = (partition: readonly (readonly PlannedStage[])[]): string =>
  partition.map((stages) => stages.join('+')).join(' | ');

const compare = (a: ColocationLayout, b: ColocationLayout): number =>
  a.size - b.size || a.firstTokenMs - b.firstTokenMs || a.name.localeCompare(b.name);

/** Sizes are tried one by one for each group: groups meet only in what requests wait for. */
const bestOf = (
  partition: readonly (readonly PlannedStage[])[],
  name: string,
  input: ColocationInput,
): ColocationLayout | ColocationRefusal => {
  const options = partition.map((stages) => groupsOf(stages, input));
  if (options.some(({ known }) => !known)) return { name, reason: 'no-profile' };
  if (options.some(({ groups }) => groups.length === 0)) return { name, reason: 'capacity' };
  const all = combinations(options.map(({ groups }) => groups)).map((groups) =>
    layoutOf(name, groups, input),
  );
  const soon = all.filter(({ firstTokenMs }) => firstTokenMs <= input.firstTokenMs);
  if (soon.length === 0) return { name, reason: 'first-token' };
  const best = soon.filter(({ tokenMs }) => tokenMs <= input.tokenMs).toSorted(compare)[0];
  return best ?? { name, reason: 'token' };
};

interface Member {
  readonly group: ColocationGroup;
  /** What a unit of each stage takes, in the order of `stages`. */
  readonly unitsMs: readonly number[];
}

const groupsOf = (
  stages: readonly PlannedStage[],
  { loads, choices }: ColocationInput,
): { readonly known: boolean; readonly groups: readonly Member[] } => {
  const sizes = new Set(choices.map(({ size }) => size));
  const complete = [...sizes].flatMap((size): readonly (readonly StageChoice[])[] => {
    const own = stages.map((stage) => choices.find((c) => c.stage === stage && c.size === size));
    const present = own.filter((choice) => choice !== undefined);
    return present.length === stages.length ? [present] : [];
  });
  const groups = complete.flatMap((own): readonly Member[] => {
    const shares = own.map((choice) => loads[choice.stage] / choice.capacityTokensPerS);
    const needed = shares.reduce((sum, share) => sum + share, 0);
    if (!Number.isFinite(needed)) return [];
    const instances = Math.max(1, Math.ceil(needed));
    return [
      {
        group: {
          stages,
          entries: own.map(({ entry }) => entry),
          size: own[0]?.size ?? 1,
          instances,
          busyShares: shares.map((share) => share / instances),
        },
        unitsMs: own.map(({ unitMs }) => unitMs),
      },
    ];
  });
  return { known: complete.length > 0, groups };
};

const combinations = (lists: readonly (readonly Member[])[]): readonly (readonly Member[])[] =>
  lists.reduce<readonly (readonly Member[])[]>(
    (before, list) => before.flatMap((chosen) => list.map((one) => [...chosen, one])),
    [[]],
  );

const layoutOf = (
  name: string,
  members: readonly Member[],
  input: ColocationInput,
): ColocationLayout => {
  const groupOf = (stage: PlannedStage): Member | undefined =>
    members.find(({ group }) => group.stages.includes(stage));
  const encodes = input.mediaPerRequest > 0 && groupOf('encode') !== undefined;
  const embedding = encodes && groupOf('encode') !== groupOf('prefill') ? input.embeddingMs : 0;
  const kvCache = groupOf('prefill') !== groupOf('decode') ? input.kvCacheMs : 0;
  const first = encodes ? unitAmong(groupOf('encode'), 'encode') : 0;
  return {
    name,
    groups: members.map(({ group }) => group),
    size: members.reduce((sum, { group }) => sum + group.size * group.instances, 0),
    firstTokenMs: first + embedding + unitAmong(groupOf('prefill'), 'prefill') + kvCache,
    tokenMs: unitAmong(groupOf('decode'), 'decode'),
  };
};

/** A unit of a stage, and one of each neighbour that it may have to wait for. */
const unitAmong = (member: Member | undefined, stage: PlannedStage): number => {
  if (member === undefined) return 0;
  const { group, unitsMs } = member;
  return group.stages.reduce((sum, other, index) => {
    const isMet = other === stage || (group.busyShares[index] ?? 0) > metShareMin;
    return isMet ? sum + (unitsMs[index] ?? 0) : sum;
  }, 0);
};
