import { answerJson } from '../ask/answer-json.ts';
import type { Show, UpEvent } from './up-event.ts';

/** Tells a program what happens: one JSON object a line, `event` first. */
export const showJson =
  (write: (text: string) => void): Show =>
  (event) => {
    const fields = fieldsOf(event);
    if (fields !== undefined) {
      write(`${JSON.stringify({ event: event.kind, ...fields })}\n`);
    }
  };

const fieldsOf = (event: UpEvent): object | undefined => {
  switch (event.kind) {
    case 'picture':
      return { file: event.file };
    case 'answered':
      return { expected: event.expected, ...answerJson(event.answer) };
    // For people; and the answer comes whole.
    case 'howToTalk':
    case 'text':
      return undefined;
    case 'planned':
      return { plan: event.plan };
    case 'autoscaling':
      return { metrics: event.metrics };
    case 'scaled': {
      const { pool, sample, decision } = event.step;
      return { service: pool.plan.service, ready: sample.ready, ...decision };
    }
    case 'log':
      return { service: event.service, line: event.line };
    case 'ready':
      return {
        http: event.http,
        grpc: event.grpc,
        took_ms: Math.round(event.tookMs),
        pids: event.pids,
        metrics: event.metrics,
      };
    case 'stopped':
      return { took_ms: Math.round(event.tookMs) };
    case 'redis':
    case 'redisDied':
    case 'embedded':
    case 'starting':
    case 'other':
    case 'question':
    case 'died':
    case 'drained':
    case 'added':
    case 'restarted':
    case 'stopping': {
      const { kind: _, ...fields } = event;
      return fields;
    }
    default:
      return event satisfies never;
  }
};
