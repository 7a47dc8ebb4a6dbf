/** How far a sweep is, and when it will be done at the pace so far. */
export const progressLine = (
  shares: readonly number[],
  elapsedMs: number,
  columns: number,
): string => {
  const share = shares.reduce((sum, each) => sum + each, 0) / Math.max(1, shares.length);
  const done = shares.filter((each) => each >= 1).length;
  const left = share > 0 ? (elapsedMs * (1 - share)) / share : Number.NaN;
  const text = ` ${Math.floor(100 * share)} %, ${done} of ${shares.length} runs, ${durationText(left)} left`;
  const width = Math.max(10, Math.min(40, columns - text.length - 3));
  const filled = Math.round(width * share);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]${text}`;
};

export const durationText = (ms: number): string => {
  if (!Number.isFinite(ms)) return '?';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
