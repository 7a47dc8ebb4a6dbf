/**
 * The tokens of the `count` highest values, highest first, the lower id first among equals. NaN is never one of them.
 * One pass with a heap of `count`, since a vocabulary is long and the count is not.
 */
export const likeliest = (values: Float32Array | Float64Array, count: number): number[] => {
  const heap: number[] = [];
  const valueOf = (token: number): number => values[token] ?? Number.NEGATIVE_INFINITY;
  /** Whether token `a` is worse than token `b`: the worst one is the root. */
  const worse = (a: number, b: number): boolean =>
    valueOf(a) < valueOf(b) || (valueOf(a) === valueOf(b) && a > b);
  const sink = (): void => {
    const token = heap[0] ?? 0;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && worse(heap[child + 1] ?? 0, heap[child] ?? 0)) child += 1;
      const lower = heap[child] ?? 0;
      if (!worse(lower, token)) break;
      heap[place] = lower;
      place = child;
    }
    heap[place] = token;
  };
  const rise = (token: number): void => {
    let place = heap.push(token) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!worse(token, heap[above] ?? 0)) break;
      heap[place] = heap[above] ?? 0;
      place = above;
    }
    heap[place] = token;
  };
  for (let token = 0; token < values.length; token++) {
    if (Number.isNaN(valueOf(token))) continue;
    if (heap.length < count) rise(token);
    else if (count > 0 && worse(heap[0] ?? 0, token)) {
      heap[0] = token;
      sink();
    }
  }
  return heap.sort((a, b) => valueOf(b) - valueOf(a) || a - b);
};
