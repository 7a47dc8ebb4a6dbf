// `npm start`: from a fresh clone to a running system that answers a question about a picture. What follows
// `npm start --` goes to the command, for example --once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from './command.mjs';
import { prepareOrReport } from './prepare.mjs';
import { repositoryRoot as root } from './workspace.mjs';

async function start(args) {
  // The first step takes a while before it has anything to say.
  if (!existsSync(join(root, 'node_modules'))) {
    console.log('First run: fetching dependencies and building takes about a minute.');
  }
  if (!(await prepareOrReport())) return 1;
  const cli = join(root, 'packages/cli/dist/main.js');
  if (!existsSync(cli)) {
    console.error('The command (packages/cli) is not built: packages/cli/src/main.ts is missing.');
    return 1;
  }
  return handOver(process.execPath, [cli, 'up', '--demo', ...args], { cwd: root });
}

process.exitCode = await start(process.argv.slice(2));
