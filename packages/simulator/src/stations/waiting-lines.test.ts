import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createWaitingLines, type QueueOrder } from './waiting-lines.ts';

const command = fc.record({ line: fc.nat(2), job: fc.option(fc.nat(50)) });

it.each<QueueOrder>(['first-come', 'short-first'])(
  '%s lines are lists, whatever is put in and taken out (property)',
  (order) => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const lines = createWaitingLines(3, order, (job) => job % 10);
        const models: number[][] = [[], [], []];
        for (const { line, job } of commands) {
          const model = models[line] ?? [];
          expect([lines.size(line), lines.peek(line)]).toEqual([model.length, model[0] ?? -1]);
          if (job === null) {
            expect(lines.shift(line)).toBe(model.shift() ?? -1);
            continue;
          }
          lines.push(line, job);
          const place =
            order === 'first-come' ? -1 : model.findIndex((other) => other % 10 > job % 10);
          model.splice(place < 0 ? model.length : place, 0, job);
        }
      }),
    );
  },
);
