import type { PoolStep } from '../autoscale/pool.ts';
import { timeLines } from '../ask/ask.ts';
import { deploymentLines } from '../plan/deployment-lines.ts';
import { drawPicture } from '../show/draw-picture.ts';
import type { Terminal } from '../show/terminal.ts';
import { howToTalk } from './how-to-talk.ts';
import { logText } from './log-text.ts';
import type { Show, UpEvent } from './up-event.ts';

const titleWidth = 10;

const scaledText = ({ pool, sample, decision }: PoolStep): string => {
  const why = decision.kind === 'planned' ? decision.trace.reason : 'waiting';
  return `${pool.plan.service}: ${sample.ready} → ${decision.target} (${why}, ${sample.loadTokensPerS.toFixed(0)} tokens/s)`;
};

/** Tells a person at a terminal what happens. */
export const showText = (terminal: Terminal): Show => {
  const title = (word: string): string => terminal.style('dim', `  ${word.padEnd(titleWidth)}`);
  const fact = (word: string, text: string): void => terminal.line(`${title(word)}${text}`);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

  const answered = ({ answer, expected, withTable }: Extract<UpEvent, { kind: 'answered' }>) => {
    const same = expected === answer.text.trim();
    const mark =
      expected === undefined
        ? ''
        : same
          ? terminal.style('green', '   ✓ as made')
          : terminal.style('yellow', `   ✗ drawn was: ${expected}`);
    terminal.line(`${answer.text === '' ? '(no text)' : ''}${mark}`);
    if (!withTable) return;
    for (const line of timeLines(answer)) terminal.line(line === '' ? '' : `  ${line}`);
  };

  return async (event) => {
    switch (event.kind) {
      case 'redis':
        return fact('Redis', `${event.how}, ${event.url}`);
      case 'redisDied':
        return fact('died', terminal.style('red', 'Redis'));
      case 'embedded':
        if (event.why !== undefined) fact('Redis', terminal.style('yellow', event.why));
        return fact('embedded', 'all stages in one process, lanes in memory');
      case 'planned':
        for (const line of deploymentLines(event.plan))
          terminal.line(line === '' ? '' : `  ${line}`);
        return terminal.line();
      case 'autoscaling':
        return fact('autoscale', `follows the load; ${event.metrics}`);
      case 'scaled':
        return fact('scaled', scaledText(event.step));
      case 'starting':
        fact('model', event.model);
        return fact('services', event.services);
      case 'ready':
        fact('ready', `in ${seconds(event.tookMs)}: ${event.http}, gRPC ${event.grpc}`);
        for (const [service, urls] of Object.entries(event.metrics)) {
          fact('metrics', `${service} ${urls.join(', ')}`);
        }
        return;
      case 'picture': {
        terminal.line();
        fact('picture', event.file);
        const drawing = await drawPicture(event.bytes, terminal).catch(() => []);
        for (const line of drawing) terminal.line(`  ${' '.repeat(titleWidth)}${line}`);
        return;
      }
      case 'other':
        terminal.line();
        return fact(event.title, event.file);
      case 'question':
        fact('question', terminal.style('bold', event.text));
        return terminal.write(title('answer'));
      case 'text':
        return terminal.foreign(event.text, 'bold');
      case 'answered':
        return answered(event);
      case 'howToTalk':
        for (const line of howToTalk(event)) terminal.line(line);
        return;
      case 'log':
        return terminal.line(terminal.style('dim', `  ${event.service}: ${logText(event.line)}`));
      case 'died':
        return fact('died', terminal.style('red', `${event.service} ${event.pid}: ${event.how}`));
      case 'drained':
        return fact('drained', `${event.service} ${event.pid}; it is not started again`);
      case 'added':
        return fact('added', `${event.service} ${event.pid}`);
      case 'restarted':
        return fact(
          'restarted',
          `${event.service} ${event.pid}; ${event.http}, gRPC ${event.grpc}`,
        );
      case 'stopping':
        if (!event.byPerson) return;
        terminal.line();
        return fact('stopping', 'Ctrl-C again to stop at once');
      case 'stopped':
        return fact('stopped', `in ${seconds(event.tookMs)}; nothing is left behind`);
      default:
        return event satisfies never;
    }
  };
};
