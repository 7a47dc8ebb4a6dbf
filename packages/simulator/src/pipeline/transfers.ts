import { createAgenda } from '../engine/agenda.ts';
import type { Simulation } from '../engine/simulation.ts';

/** What is on its way between instances: each request at most one thing, so that its row names it. */
export const createTransfers = <What>(
  simulation: Simulation,
  onArrived: (row: number, what: What) => void,
): { start(row: number, what: What, delayMs: number): void } => {
  const { time } = simulation;
  const agenda = createAgenda(1024);
  const whats: What[] = [];
  const alarm = simulation.add(1, () => {
    while (agenda.nextMs <= (time[0] as number)) {
      const row = agenda.take();
      onArrived(row, whats[row] as What);
    }
    if (agenda.nextMs < Infinity) alarm.set(0, agenda.nextMs);
  });
  return {
    start: (row, what, delayMs) => {
      whats[row] = what;
      agenda.schedule(row, (time[0] as number) + delayMs);
      alarm.set(0, agenda.nextMs);
    },
  };
};
