import { describe, expect, it } from '@jest/globals';
import { manualClock } from '@isotherm/kernel';
import fc from 'fast-check';
import type { LevelRef } from '../topology/level.ts';
import { createTelemetryBook } from './book.ts';
import { createTelemetryIntake, type IntakeBounds } from './intake.ts';
import { quantityNames } from './quantity.ts';
import type { RawReading } from './reading.ts';

const known: readonly LevelRef[] = [
  { level: 'room', id: 'hall' },
  { level: 'aisle', id: 'a1' },
  { level: 'ups', id: 'u1' },
  { level: 'row', id: 'r1' },
  { level: 'rack', id: 'k1' },
  { level: 'server', id: 's1' },
  { level: 'gpu', id: 's1/0' },
];

const bounds: IntakeBounds = {
  ...{ futureMsMax: 5_000, ageMsMax: 600_000, stuckMs: 60_000, sourceHoldMs: 5_000 },
  ...{ stuckPowerW: () => 100, readingsPerSecondMax: 1_000, sourcesMax: 4, smoothMs: 10_000 },
};

const startMs = 1_700_000_000_000;

const open = () => {
  const clock = manualClock(startMs);
  const book = createTelemetryBook(known);
  const intake = createTelemetryIntake(book, bounds, clock);
  const tell = (reading: Partial<RawReading>, atMs = clock.nowMs(), name = 'one') =>
    intake.accept({ name, kind: 'reported' }, atMs, [{ ...core, ...reading }]);
  return { clock, book, intake, tell };
};

const core: RawReading = { level: 'gpu', id: 's1/0', quantity: 'core_c', value: 50 };
const gpu: LevelRef = { level: 'gpu', id: 's1/0' };

describe('the intake of telemetry', () => {
  it('keeps the latest of what can be true', () => {
    const { book, tell } = open();
    expect(tell({ value: 51 })).toMatchObject({ accepted: 1, examples: [] });
    expect(book.latest(gpu, 'core_c')).toMatchObject({ value: 51, atMs: startMs, source: 'one' });
  });

  it.each<[string, Partial<RawReading>, string, string]>([
    ['no number', { value: Number.NaN }, 'not_finite', 'finite'],
    ['an infinite one', { value: Infinity }, 'not_finite', 'finite'],
    ['negative watts', { quantity: 'power_w', value: -3 }, 'impossible', '0 to 3000'],
    ['a melted chip', { value: 900 }, 'impossible', '-20 to 130'],
    ['half a bit', { quantity: 'throttle_reasons', value: 1.5 }, 'impossible', 'whole'],
    ['a share above one', { quantity: 'utilisation', value: 1.2 }, 'impossible', '0 to 1'],
    ['an unknown GPU', { id: 's1/9' }, 'unknown_level', 's1/9'],
    ['an unknown kind', { level: 'galaxy' }, 'unknown_level', 'galaxy'],
    ['an unknown quantity', { quantity: 'mood' }, 'unknown_quantity', 'mood'],
    ['a quantity of other levels', { quantity: 'inlet_c' }, 'unknown_quantity', 'server'],
    ['a name of Object', { quantity: 'constructor' }, 'unknown_quantity', 'constructor'],
  ])('puts aside %s', (_, reading, reason, message) => {
    const { book, intake, tell } = open();
    const { accepted, quarantined, examples } = tell(reading);
    expect(accepted).toBe(0);
    expect([...quarantined]).toEqual([[reason, 1]]);
    expect(examples[0]?.message).toContain(message);
    expect(intake.sources()[0]?.quarantined).toEqual(quarantined);
    expect(book.size).toBe(0);
  });

  it.each<[string, number, string]>([
    ['a clock that runs ahead', startMs + 5_001, 'from_the_future'],
    ['what is old', startMs - 600_001, 'too_old'],
    ['a time that is no number', Number.NaN, 'from_the_future'],
  ])('puts aside %s', (_, atMs, reason) => {
    const { book, tell } = open();
    expect([...tell({}, atMs).quarantined]).toEqual([[reason, 1]]);
    expect(book.size).toBe(0);
  });

  it('counts each time of a source once and in order, and a later source before an earlier', () => {
    const { book, clock, tell } = open();
    tell({ value: 50 }, startMs - 10);
    expect([...tell({ value: 99 }, startMs - 10).quarantined.keys()]).toEqual(['duplicate']);
    expect([...tell({ value: 99 }, startMs - 20).quarantined.keys()]).toEqual(['reordered']);
    expect([...tell({ value: 99 }, startMs - 15, 'two').quarantined.keys()]).toEqual([
      'superseded',
    ]);
    expect(book.latest(gpu, 'core_c')?.value).toBe(50);
    expect(tell({ value: 51 }, startMs, 'two').accepted).toBe(1);
    clock.advance(5_000);
    expect(tell({ value: 52 }, startMs - 5, 'one').accepted).toBe(1);
  });

  it('notices a temperature that stands still while its power moves, until it moves again', () => {
    const { book, clock, tell } = open();
    for (let second = 0; second < 60; second += 1) {
      tell({ quantity: 'power_w', value: 100 });
      expect(tell({ value: 50 }).accepted).toBe(1);
      clock.advance(1_000);
    }
    let last = 0;
    for (let second = 0; second < 30; second += 1) {
      tell({ quantity: 'power_w', value: 400 });
      last = tell({ value: 50 }).accepted;
      clock.advance(1_000);
    }
    expect(last).toBe(0);
    expect([...tell({ value: 50 }).quarantined.keys()]).toEqual(['stuck']);
    const heldMs = book.latest(gpu, 'core_c')?.atMs ?? 0;
    expect(clock.nowMs() - heldMs).toBeGreaterThan(20_000);
    expect(tell({ value: 58 }).accepted).toBe(1);
  });

  it('does not take a steady temperature at steady power for stuck', () => {
    const { clock, tell } = open();
    for (let second = 0; second < 300; second += 1) {
      tell({ quantity: 'power_w', value: 100 + (second % 2) * 20 });
      expect(tell({ value: 50 }).accepted).toBe(1);
      clock.advance(1_000);
    }
  });

  it('takes ten million points without growing, and says that they were too many', () => {
    const { book, clock, intake } = open();
    const many = Array.from({ length: 10_000 }, (): RawReading => core);
    let accepted = 0;
    let overRate = 0;
    for (let message = 0; message < 1_000; message += 1) {
      clock.advance(1);
      const outcome = intake.accept({ name: 'flood', kind: 'reported' }, 0, many);
      accepted += outcome.accepted;
      overRate += outcome.quarantined.get('over_rate') ?? 0;
    }
    expect(accepted).toBe(0);
    expect(overRate).toBeGreaterThan(9_990_000);
    expect(book.size).toBe(0);
    // Another source is heard all the same.
    const other = intake.accept({ name: 'calm', kind: 'dcgm' }, clock.nowMs(), [core]);
    expect(other.accepted).toBe(1);
  });

  it('tells a bounded number of sources apart', () => {
    const { intake, tell } = open();
    for (let each = 0; each < 50; each += 1) tell({}, undefined, `source-${each}`);
    expect(intake.sources()).toHaveLength(4);
  });

  it('never lets what is no possible reading reach the book (property)', () => {
    const reading = fc.record({
      level: fc.constantFrom('gpu', 'server', 'row', 'galaxy'),
      id: fc.constantFrom('s1/0', 's1', 'r1', 'zz'),
      quantity: fc.oneof(fc.constantFrom(...quantityNames), fc.string({ maxLength: 5 })),
      value: fc.oneof(fc.double(), fc.integer({ min: -200, max: 200 })),
    });
    const step = fc.tuple(reading, fc.integer({ min: -700_000, max: 20_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { book, clock, tell } = open();
        let counted = 0;
        for (const [each, offsetMs] of steps) {
          const { accepted, quarantined } = tell(each, clock.nowMs() + offsetMs);
          expect(accepted + [...quarantined.values()].reduce((sum, n) => sum + n, 0)).toBe(1);
          counted += accepted;
        }
        expect(book.size).toBeLessThanOrEqual(counted);
        for (const of of known) {
          for (const quantity of quantityNames) {
            const latest = book.latest(of, quantity);
            if (latest === undefined) continue;
            expect(Number.isFinite(latest.value)).toBe(true);
            expect(latest.atMs).toBeLessThanOrEqual(clock.nowMs() + bounds.futureMsMax);
          }
        }
      }),
    );
  });
});
