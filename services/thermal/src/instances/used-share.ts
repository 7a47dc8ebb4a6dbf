import type { EntryRates } from '../profiles/entry-rates.ts';
import type { PlacedInstance } from './instance-book.ts';

/**
 * How much an instance does of what it could do as it runs now, 0 to 1. That is less than the share of the time in which it works
 * where its batches are not full. By its profile: what batches like these do, of what full ones would. Without one: decode by the
 * share of its seats that are taken, since a step takes as long for one sequence as for all; encode and prefill by time, since
 * batches bring them little.
 */
export const usedShare = (
  { record, load }: Pick<PlacedInstance, 'record' | 'load'>,
  rates: EntryRates | undefined,
): number => {
  if (load === undefined) return 0;
  const { utilisation } = load;
  const seats = Math.max(1, record.capacity);
  const batch = Math.min(seats, Math.max(1, load.batch));
  if (rates !== undefined) {
    const most = rates.tokensPerS(Math.min(seats, rates.entry.batchMax), 1);
    const own = rates.tokensPerS(Math.min(tenths(batch), rates.entry.batchMax), 1);
    return most > 0 ? Math.min(1, (utilisation * own) / most) : utilisation;
  }
  return record.stage === 'decode' ? (utilisation * batch) / seats : utilisation;
};

const tenths = (batch: number): number => Math.round(batch * 10) / 10;
