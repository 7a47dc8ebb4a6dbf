import type { StageTime } from '@isotherm/proto';
import { type Column, tableLines } from './table.ts';

const right = (title: string): Column => ({ title, align: 'right' });

const columns: readonly Column[] = [
  { title: 'stage', align: 'left' },
  { title: 'instance', align: 'left' },
  ...['lane ms', 'pull ms', 'queue ms', 'engine ms', 'total ms', 'tokens', 'cached', 'batch'].map(
    right,
  ),
];

const milliseconds = (value: number): string => value.toFixed(1);

/**
 * Where the time of an answer went. Lane: waiting in the queue in Redis; pull: fetching payloads
 * from peers; queue: waiting for a place in a batch; total: from routing to result, as the router
 * saw it; cached: tokens that came from a cache.
 */
export const stageTable = (stages: readonly StageTime[]): readonly string[] =>
  tableLines(
    columns,
    stages.map((time) => [
      time.stage,
      time.instanceId,
      milliseconds(time.laneWaitMs),
      milliseconds(time.pullMs),
      milliseconds(time.queueMs),
      milliseconds(time.engineMs),
      milliseconds(time.totalMs),
      String(time.tokens),
      String(time.cachedTokens),
      String(time.batch),
    ]),
  );
