import { fileURLToPath } from 'node:url';
import { CommandError } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { planJson } from './plan-json.ts';
import { planLines } from './plan-lines.ts';
import { readPlan } from './read-plan.ts';

export interface TopologyOptions {
  readonly json?: boolean;
}

/** The room that the local stack runs in. */
export const demoRoomFile = fileURLToPath(
  new URL('../../../../deploy/rooms/demo.yaml', import.meta.url),
);

/** `isotherm topology`: checks the plan of a room and draws it; nothing has to run. */
export const topology = async (
  file: string | undefined,
  options: TopologyOptions,
): Promise<void> => {
  const path = file ?? demoRoomFile;
  const terminal = terminalOf(process.stdout);
  const read = await readPlan(path);
  if (read.kind === 'ok') {
    if (options.json === true) return terminal.line(JSON.stringify(planJson(read.plan)));
    for (const line of planLines(read.plan, terminal)) terminal.line(line);
    return;
  }
  const { problems } = read;
  if (options.json === true) terminal.line(JSON.stringify({ problems }));
  else {
    for (const { path: where, message } of problems) {
      process.stderr.write(`${where === '' ? 'the plan' : where}: ${message}\n`);
    }
  }
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new CommandError(`${path} has ${count}; deploy/rooms/README.md says what a plan has.`);
};
