import type { Logger } from '@isotherm/runtime';
import type { Origin, TelemetryIntake } from '../telemetry/intake.ts';
import type { PushReport, TelemetrySource } from '../telemetry/source.ts';

/** Sources that are running. */
export interface RunningSources {
  close(): Promise<void>;
}

/**
 * Lets sources push into the intake: the one way in, which checks everything. What is wrong with a source is noted
 * there, where GetStatus shows it; the log has each change of it once.
 */
export const runSources = (
  sources: readonly TelemetrySource[],
  intake: TelemetryIntake,
  logger: Logger,
): RunningSources => {
  const stop = new AbortController();
  const running = sources.map(async (source) => {
    const from = { name: source.name, kind: source.kind };
    // It is shown as absent until it has been heard.
    intake.note(from, '');
    const push = pushInto(intake, from, logger);
    try {
      await source.start(push, stop.signal);
    } catch (error) {
      logger.error({ err: error, source: source.name }, 'source ended');
      intake.note(from, 'It has ended by a fault of the program.');
    }
  });
  return {
    close: async () => {
      stop.abort();
      await Promise.all(running);
    },
  };
};

const pushInto = (intake: TelemetryIntake, from: Origin, logger: Logger): PushReport => {
  let said = '';
  const note = (problem: string): void => {
    intake.note(from, problem);
    if (problem === said) return;
    said = problem;
    const facts = { source: from.name, kind: from.kind };
    if (problem === '') logger.info(facts, 'source works again');
    else logger.warn({ ...facts, problem }, 'source has a problem');
  };
  return (report) => {
    if (report.kind === 'failed') {
      note(report.problem);
      return;
    }
    const { accepted, quarantined, examples } = intake.accept(from, report.atMs, report.readings);
    const [example] = examples;
    // All of it put aside: it answers, and says nothing that could be true of this room.
    if (accepted === 0 && example !== undefined) {
      const reasons = [...quarantined].map(([reason, count]) => `${count} ${reason}`).join(', ');
      note(`Nothing of it counts (${reasons}): ${example.message}`);
    } else note('');
  };
};
