import { describe, expect, it } from '@jest/globals';
import type { DecisionNote, ExplainResponse } from '@isotherm/proto';
import { accountLines } from './account-lines.ts';

const note = (
  kind: string,
  atMs: number,
  facts: Readonly<Record<string, string | number>> = {},
): DecisionNote => ({
  kind,
  atMs,
  facts: Object.entries(facts).map(([name, value]) =>
    typeof value === 'number' ? { name, number: value } : { name, text: value },
  ),
  placement: null,
});
const recordOf = (notes: DecisionNote[]): ExplainResponse => ({
  ...{ requestId: 'r1', routerId: 'router-1', notes, notesLeftOut: 0 },
});

describe('the account of a request', () => {
  it('tells each note with its time since the first and its facts', () => {
    const lines = accountLines(
      recordOf([
        note('admitted', 1_700_000_000_000, { model: 'panel', promptTokens: 40 }),
        note('finished', 1_700_000_000_012, { reason: 'stop', totalMs: 12.3456 }),
      ]),
    );
    expect(lines).toEqual([
      'request r1 at router-1, 2023-11-14T22:13:20.000Z',
      '',
      '+0 ms  admitted: model panel, promptTokens 40',
      '',
      '+12 ms  finished: reason stop, totalMs 12.35',
    ]);
  });

  it('shows who was in the running, the best first and the picked one marked, and who was dropped', () => {
    const placement = {
      stage: 'decode',
      picked: 'decode-a',
      scored: [
        { instanceId: 'decode-b', scores: { 'pending-tokens': 0, total: 0 } },
        { instanceId: 'decode-a', scores: { 'pending-tokens': 1, total: 1 } },
      ],
      dropped: [
        { instanceId: 'decode-c', filter: 'ready' },
        { instanceId: 'decode-d', filter: 'has-headroom' },
        { instanceId: 'decode-e', filter: 'ready' },
      ],
      waived: ['matches-media'],
      instancesLeftOut: 2,
    };
    const lines = accountLines(recordOf([{ ...note('placed', 5, { attempt: 1 }), placement }]));
    expect(lines.slice(2)).toEqual([
      '+0 ms  placed decode at decode-a: attempt 1',
      '        instance    pending-tokens  total',
      '        * decode-a            1.00   1.00',
      '          decode-b            0.00   0.00',
      '        dropped by ready: decode-c, decode-e',
      '        dropped by has-headroom: decode-d',
      '        waived: matches-media',
      '        and 2 more',
    ]);
  });

  it('keeps the name of a kind that it does not know', () => {
    expect(accountLines(recordOf([note('teleported', 0)]))[2]).toBe('+0 ms  teleported');
  });
});
