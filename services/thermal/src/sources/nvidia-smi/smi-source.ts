import type { Look } from '../polling/polling-source.ts';
import { type CommandOutput, runCommand } from './run-command.ts';
import { allFields, smiArguments, smiReadings, withoutRefused } from './smi-query.ts';

type Run = (command: readonly string[], signal: AbortSignal) => Promise<CommandOutput>;

/** Names that a driver may refuse, one a run. */
const refusalsMax = 10;

/**
 * Looks at the GPUs of one server through `nvidia-smi`. `command` is how it is called: `nvidia-smi`, or a way to another
 * machine before it.
 */
export const smiLook = (
  command: readonly string[],
  server: string,
  run: Run = runCommand,
): ((signal: AbortSignal) => Promise<Look>) => {
  let known = allFields;

  return async (signal) => {
    for (let refusals = 0; refusals <= refusalsMax; refusals += 1) {
      const { failed, text } = await run([...command, ...smiArguments(known)], signal);
      if (!failed) return lookOf(smiReadings(text, server, known), text);
      const next = withoutRefused(known, text);
      if (next === undefined) throw new Error(`${command.join(' ')}: ${firstLine(text)}`);
      known = next;
    }
    throw new Error(`${command.join(' ')}: refuses every field`);
  };
};

const lookOf = ({ readings, malformed }: ReturnType<typeof smiReadings>, text: string): Look => {
  if (readings.length === 0) throw new Error(`nvidia-smi tells of no GPU: ${firstLine(text)}`);
  return malformed === 0
    ? { readings }
    : { readings, problem: `nvidia-smi wrote ${malformed} lines that are no rows of its table` };
};

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 200);
