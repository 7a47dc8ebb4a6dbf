import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createPeers, payloadBytes, pull } from '@isotherm/rpc';
import { summarize, type Summary } from '../report/percentiles.ts';
import type { OwnerReply, OwnerRequest, PayloadKind } from './transfer-owner.ts';

export interface TransferOptions {
  readonly sizesBytes: readonly number[];
  /** Most pulls of one size and kind. */
  readonly pulls: number;
  /** Longest time for one size and kind in milliseconds. */
  readonly timeMsMax: number;
}

/** Pulls of one payload from another process, one at a time. */
export interface Transfer {
  readonly kind: PayloadKind;
  readonly bytes: number;
  readonly pullMs: Summary;
  /** At the median. */
  readonly mbPerS: number;
}

const kinds = ['embedding', 'kv'] as const;
const warmPulls = 3;
const pullTimeoutMs = 30_000;

export const measureTransfers = async (options: TransferOptions): Promise<readonly Transfer[]> => {
  const owner = fork(fileURLToPath(new URL('./transfer-owner.js', import.meta.url)));
  const peers = createPeers();
  const transfers: Transfer[] = [];
  try {
    for (const bytes of options.sizesBytes) {
      for (const kind of kinds) {
        const request: OwnerRequest = { kind, bytes };
        const replied = once(owner, 'message');
        owner.send(request);
        const [handle] = (await replied) as [OwnerReply];
        const pullOnce = async (): Promise<number> => {
          const startMs = performance.now();
          const payload = await pull(peers, handle, { deadlineMs: Date.now() + pullTimeoutMs });
          const tookMs = performance.now() - startMs;
          if (payloadBytes(payload) !== bytes) throw new Error('A payload came with another size.');
          return tookMs;
        };
        const pullsMs: number[] = [];
        const untilMs = performance.now() + options.timeMsMax;
        const enough = options.pulls + warmPulls;
        // At least one after the first, which opens connections and touches memory for the first time.
        while (pullsMs.length < 2 || (pullsMs.length < enough && performance.now() < untilMs)) {
          pullsMs.push(await pullOnce());
        }
        const pullMs = summarize(pullsMs.slice(Math.min(warmPulls, pullsMs.length - 1)));
        transfers.push({ kind, bytes, pullMs, mbPerS: Math.round(bytes / pullMs.p50 / 1000) });
      }
    }
  } finally {
    peers.close();
    owner.disconnect();
  }
  return transfers;
};
