import { expect, it } from '@jest/globals';
import { boundedSignal } from './bounded-signal.ts';

const later = Number.MAX_SAFE_INTEGER;

it('ends the work when it is released before it has finished, and when the client goes', () => {
  const client = new AbortController();
  const [released, left] = [
    boundedSignal(later, client.signal),
    boundedSignal(later, client.signal),
  ];
  released.release();
  expect(released.signal.reason).toMatchObject({ code: 'cancelled' });
  expect(left.signal.aborted).toBe(false);
  client.abort();
  expect(left.signal.reason).toMatchObject({ code: 'cancelled' });
  left.release();
  const late = boundedSignal(later, client.signal);
  expect(late.signal.aborted).toBe(true);
  late.release();
});

it('leaves work alone that has finished', () => {
  const client = new AbortController();
  const bound = boundedSignal(later, client.signal);
  bound.finish();
  bound.release();
  client.abort();
  expect(bound.signal.aborted).toBe(false);
});
