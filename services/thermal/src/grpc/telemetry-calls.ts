import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import type {
  QuarantinedInput,
  ReportTelemetryRequest,
  ReportTelemetryResponseInput,
} from '@isotherm/proto';
import { statusOf } from '@isotherm/rpc';
import type { IntakeOutcome, TelemetryIntake } from '../telemetry/intake.ts';
import type { Quarantined, RawReading } from '../telemetry/reading.ts';
import { sourceNamePattern } from '../telemetry/source.ts';

type ReportCall = ServerReadableStream<ReportTelemetryRequest, ReportTelemetryResponseInput>;

/** Examples of what was put aside, in one answer. */
const examplesMax = 8;

/** ReportTelemetry: each message is taken as it comes, nothing is kept for the answer but counts. */
export const reportTelemetry =
  (intake: TelemetryIntake, nowMs: () => number) =>
  (call: ReportCall, done: sendUnaryData<ReportTelemetryResponseInput>): void => {
    const total = emptyTotal();
    let source = '';
    let ended = false;
    const end = (error: unknown): void => {
      if (ended) return;
      ended = true;
      if (error === undefined) done(null, answerOf(total));
      else done(statusOf(error));
    };
    call.on('data', (request: ReportTelemetryRequest) => {
      if (ended) return;
      try {
        source = sourceOf(request.source, source);
        const atMs = request.atMs === 0 ? nowMs() : request.atMs;
        const readings = request.readings.map(readingOf);
        addTo(total, intake.accept({ name: source, kind: 'reported' }, atMs, readings));
      } catch (error) {
        end(error);
      }
    });
    call.on('end', () => {
      end(source === '' ? nameless() : undefined);
    });
    call.on('error', end);
  };

const nameless = (): Fault =>
  new Fault('invalid_argument', 'The first message names its source.', { param: 'source' });

const sourceOf = (said: string, before: string): string => {
  if (said === '') {
    if (before === '') throw nameless();
    return before;
  }
  if (!sourceNamePattern.test(said)) {
    const message = 'A source has 1 to 64 of letters, digits and ._-';
    throw new Fault('invalid_argument', message, { param: 'source' });
  }
  return said;
};

const readingOf = ({
  of,
  quantity,
  value,
}: ReportTelemetryRequest['readings'][number]): RawReading => ({
  ...{ level: of?.kind ?? '', id: of?.id ?? '', quantity, value },
});

interface Total {
  accepted: number;
  readonly quarantined: Map<string, number>;
  readonly examples: Quarantined[];
}

const emptyTotal = (): Total => ({ accepted: 0, quarantined: new Map(), examples: [] });

const addTo = (total: Total, outcome: IntakeOutcome): void => {
  total.accepted += outcome.accepted;
  for (const [reason, count] of outcome.quarantined) {
    total.quarantined.set(reason, (total.quarantined.get(reason) ?? 0) + count);
  }
  const room = examplesMax - total.examples.length;
  if (room > 0) total.examples.push(...outcome.examples.slice(0, room));
};

const answerOf = ({ accepted, quarantined, examples }: Total): ReportTelemetryResponseInput => ({
  ...{ accepted, quarantined: Object.fromEntries(quarantined) },
  examples: examples.map(
    ({ reading: { level, id, quantity, value }, reason, message }): QuarantinedInput => ({
      ...{ reason, message },
      // What a stranger sends back to a stranger: short.
      reading: {
        of: { kind: level.slice(0, 64), id: id.slice(0, 64) },
        ...{ quantity: quantity.slice(0, 64), value },
      },
    }),
  ),
});
