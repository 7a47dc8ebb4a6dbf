import { describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import fc from 'fast-check';
import { type AnswerEvent, answerEvents } from './answer-events.ts';
import { answerText, chunkOf, eventOf } from './testing/stand-in.ts';

async function* piecesOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

const read = async (
  body: string | Uint8Array,
  cuts: readonly number[] = [],
): Promise<{ text: string; end: AnswerEvent | undefined; fault: Fault | undefined }> => {
  let text = '';
  let end: AnswerEvent | undefined;
  try {
    for await (const event of answerEvents(piecesOf(Buffer.from(body), cuts))) {
      if (event.kind === 'text') text += event.text;
      else end = event;
    }
    return { text, end, fault: undefined };
  } catch (error) {
    // Not Fault.from: whatever is thrown must be one already.
    if (!(error instanceof Fault)) throw error;
    return { text, end, fault: error };
  }
};

const cuts = fc.array(fc.nat(5000), { maxLength: 40 });

describe('the events of a streamed answer', () => {
  it('are the same however their bytes are cut, commented and spaced', async () => {
    const deltas = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 8 });
    const filler = fc.constantFrom('', ': keep-alive\n\n', '\n', 'retry: 10\n\n', 'event: x\n');
    await fc.assert(
      fc.asyncProperty(deltas, filler, fc.boolean(), cuts, async (pieces, between, crlf, at) => {
        const lines = answerText(pieces, 'length').replaceAll('data: {', `${between}data: {`);
        const body = crlf ? lines.replaceAll('\n', '\r\n') : lines;
        const usage = { promptTokens: 7, completionTokens: pieces.length, cachedTokens: 0 };
        expect(await read(body, at)).toEqual({
          text: pieces.join(''),
          end: { kind: 'finished', reason: 'length', usage },
          fault: undefined,
        });
      }),
      { numRuns: 200 },
    );
  });

  it('are never made of a stream that was cut short', async () => {
    const whole = Buffer.from(answerText(['Unit ', '7']));
    // The last byte that the end of the answer needs is in the chunk that says why it ended.
    const enough = whole.indexOf('"finish_reason":"stop"');
    for (let length = 0; length < enough; length += 5) {
      const { text, end, fault } = await read(whole.subarray(0, length));
      expect(end).toBeUndefined();
      expect(fault?.code).toBe('unavailable');
      expect('Unit 7'.startsWith(text)).toBe(true);
    }
  });

  it('end in a Fault for whatever is no answer', async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.jsonValue().map((value) => Buffer.from(eventOf(value))),
      fc.jsonValue().map((error) => Buffer.from(eventOf({ error }))),
      fc.jsonValue().map((delta) => Buffer.from(eventOf({ choices: [{ delta }] }))),
      fc.jsonValue().map((choices) => Buffer.from(eventOf({ choices, usage: choices }))),
      fc.string().map((reason) => Buffer.from(chunkOf({ content: 'x' }, `no ${reason}`))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 5 }), cuts, async (parts, at) => {
        const { end, fault } = await read(Buffer.concat(parts), at);
        expect(end).toBeUndefined();
        expect(fault?.code).not.toBe('internal');
        expect(fault?.message.length).toBeLessThan(600);
      }),
      { numRuns: 500 },
    );
  });
});
