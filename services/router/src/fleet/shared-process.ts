import type { Stage } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';

/** Stages of each process that hosts instances of several, by the process. */
export type SharedProcesses = ReadonlyMap<string, ReadonlySet<Stage>>;

/** Which stages are found together in a process. */
export const sharedProcesses = (
  members: Iterable<{ readonly record: InstanceRecord }>,
): SharedProcesses => {
  const stages = new Map<string, Set<Stage>>();
  for (const { record } of members) {
    if (record.processId === undefined) continue;
    const found = stages.get(record.processId);
    if (found === undefined) stages.set(record.processId, new Set([record.stage]));
    else found.add(record.stage);
  }
  for (const [process, found] of stages) if (found.size === 1) stages.delete(process);
  return stages;
};

/** The other stages in an instance's process; none where it has one of its own. */
export const othersOf = (
  { processId, stage }: InstanceRecord,
  shared: SharedProcesses,
): ReadonlySet<Stage> => {
  const found = processId === undefined ? undefined : shared.get(processId);
  return new Set([...(found ?? [])].filter((other) => other !== stage));
};
