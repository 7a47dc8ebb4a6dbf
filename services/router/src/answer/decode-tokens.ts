import { Fault, faultTable, type InstanceId } from '@isotherm/kernel';
import type { Handle, StepToken } from '@isotherm/proto';
import type { WorkDone } from '../jobs/job-desk.ts';
import { envelope, type Flow, loadOf, workBase } from './flow.ts';
import { createTokenQueue, type TokenQueue } from './token-queue.ts';

/** How a decode attempt ended: with the answer, or with its instance. */
export type DecodeEnd =
  | { readonly kind: 'finished'; readonly reason: 'stop' | 'length' }
  | { readonly kind: 'lost'; readonly fault: Fault };

/**
 * Decodes from a KV cache: yields tokens as they come, those together that came together, and adds them to
 * `flow.generated`. A fault that another instance could do without ends it as `lost`, with all tokens so far delivered.
 * When `enough` aborts, the job is taken back, and that is a finish.
 */
export async function* decodeTokens(
  flow: Flow,
  kvCache: Handle,
  signal: AbortSignal,
  enough: AbortSignal,
): AsyncGenerator<readonly StepToken[], DecodeEnd, void> {
  const { generated } = flow;
  const startIndex = generated.length;
  const canStop = flow.request.stop.length > 0;
  // What comes after a stop string must not be counted: such an answer is looked at token by token.
  const queue = createTokenQueue<StepToken>(canStop ? 1 : undefined);
  const startMs = performance.now();
  let instance: InstanceId | undefined;
  // Only a stop string ends an answer before its tokens do, and a signal of two costs more than both.
  const either = canStop ? AbortSignal.any([signal, enough]) : signal;
  const work = startDecode(flow, kvCache, queue, either, (placed) => {
    instance = placed;
  });
  for await (const steps of queue) {
    for (const { token, tokenIndex } of steps) {
      const due = generated.length;
      if (tokenIndex !== due) {
        throw new Fault('internal', `Token ${tokenIndex} came when ${due} was due.`);
      }
      generated.push(token);
    }
    yield steps;
    if (enough.aborted) break;
  }
  const tokens = generated.length - startIndex;
  try {
    const { result, instance, totalMs } = await work;
    flow.stages.push({ stage: 'decode', instance, totalMs, tokens, timing: result.timing });
    const reason = result.finish === 'FINISH_LENGTH' ? 'length' : 'stop';
    return { kind: 'finished', reason };
  } catch (error) {
    const fault = Fault.from(error);
    // Where no instance came within its bound, prefilling again would only begin another wait.
    if (enough.aborted && instance !== undefined) {
      const totalMs = performance.now() - startMs;
      flow.stages.push({ stage: 'decode', instance, totalMs, tokens, timing: null });
      return { kind: 'finished', reason: 'stop' };
    }
    if (signal.aborted || instance === undefined || !faultTable[fault.code].retryable) throw fault;
    return { kind: 'lost', fault };
  }
}

const startDecode = (
  flow: Flow,
  kvCache: Handle,
  queue: TokenQueue<StepToken>,
  signal: AbortSignal,
  onPlaced: (instance: InstanceId) => void,
): Promise<WorkDone<StepToken>> => {
  const { request, generated } = flow;
  const base = workBase(flow);
  const start = {
    kvCache,
    token: generated.at(-1) ?? 0,
    tokenIndex: generated.length - 1,
    tokensMax: request.tokensMax - generated.length,
    sampling: request.sampling,
    preemptions: flow.moves.preempted,
  };
  const work = flow.desk.run<StepToken>(
    {
      ...base,
      stage: 'decode',
      tokens: loadOf(flow, 'decode'),
      // A second attempt needs a KV cache of its own: the first pull ended the lease.
      attemptsMax: 1,
      placed: onPlaced,
      command: (jobId) => ({ ...envelope(flow, jobId), ...start }),
      hear: (event) => {
        if (event.kind !== 'token') return undefined;
        const { value } = event;
        if (value.finish !== 'FINISH_END_OF_TEXT') queue.push(value);
        return value.finish === 'FINISH_UNSPECIFIED' ? undefined : value;
      },
    },
    signal,
  );
  const end = (): void => queue.end();
  work.then(end, end);
  return work;
};
