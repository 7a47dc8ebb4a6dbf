import type { Agent } from 'node:http';
import type { SloClassName } from '@isotherm/policy';
import { postChat, textEvent } from '../client/post-chat.ts';

/** One request: what, for whom, how urgent. */
export interface ClassedRequest {
  readonly tenant: string;
  readonly sloClass: SloClassName;
  readonly body: string;
  /** How long its client waits, as it tells the server, in milliseconds; absent: as long as the server lets it. */
  readonly deadlineMs?: number | undefined;
}

/** How it ended; times in milliseconds since it was sent. */
export type ClassedOutcome =
  | {
      readonly kind: 'answered';
      readonly firstMs: number;
      readonly wholeMs: number;
      readonly tokens: number;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: string;
      readonly ms: number;
    }
  /** It was told that its deadline has passed, before an answer had begun. */
  | { readonly kind: 'expired'; readonly reason: string }
  /** The answer had begun, and ended with an error that says why. */
  | { readonly kind: 'cut'; readonly code: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

const errorCode = /"error":.*"code":"(\w+)"/;
const textEvents = new RegExp(textEvent, 'g');

/** Asks with `stream`; never rejects. */
export const askWithClass = (
  baseUrl: string,
  agent: Agent,
  { tenant, sloClass, body, deadlineMs }: ClassedRequest,
): Promise<ClassedOutcome> =>
  new Promise((resolve) => {
    const sentMs = performance.now();
    const sinceMs = (): number => performance.now() - sentMs;
    const failed = (reason: string): void => resolve({ kind: 'failed', reason });
    const headers = {
      ...{ 'x-isotherm-tenant': tenant, 'x-isotherm-slo-class': sloClass },
      ...(deadlineMs !== undefined && { 'x-isotherm-timeout-ms': String(deadlineMs) }),
    };
    const call = postChat({ baseUrl, agent, body, headers }, (response) => {
      let firstMs: number | undefined;
      let tokens = 0;
      let said = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        const pieces = piece.match(textEvents)?.length ?? 0;
        if (pieces > 0) firstMs ??= sinceMs();
        tokens += pieces;
        said = piece;
      });
      response.on('error', ({ message }) => failed(message));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status === 503 || status === 429) {
          const code = errorCode.exec(said)?.[1] ?? '';
          resolve({ kind: 'refused', status, code, ms: sinceMs() });
        } else if (status === 200 && firstMs !== undefined && said.includes('[DONE]')) {
          resolve({ kind: 'answered', firstMs, wholeMs: sinceMs(), tokens });
        } else if (status === 504) {
          resolve({ kind: 'expired', reason: said.slice(0, 300) });
        } else if (status === 200 && errorCode.test(said)) {
          const code = errorCode.exec(said)?.[1] ?? '';
          resolve({ kind: 'cut', code, reason: said.slice(0, 300) });
        } else failed(`Answered ${status}: ${said.slice(0, 200)}`);
      });
    });
    call.on('error', ({ message }) => failed(message));
  });
