/**
 * Does something again and again for a time, and says whether no two of its ends were further apart than `gapMsMax`: whether
 * this process, and whom it asks, were let run all the while.
 */
export const beatsFor = async (
  ms: number,
  beat: () => Promise<unknown>,
  gapMsMax: number,
): Promise<boolean> => {
  const endMs = performance.now() + ms;
  let longestMs = 0;
  for (let lastMs = performance.now(); lastMs < endMs;) {
    await beat();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }
  return longestMs < gapMsMax;
};
