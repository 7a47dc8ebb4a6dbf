// `npm run faults -- --runs N --seed S`: breaks a running system in N seeded ways. Its last line on stdout is one JSON
// object; whatever this program has to say goes to stderr.
import { join } from 'node:path';
import { handOver } from './command.mjs';
import { prepareOrReport } from './prepare.mjs';
import { repositoryRoot as root } from './workspace.mjs';

const log = (line) => console.error(line);

async function faults(args) {
  if (!(await prepareOrReport({ log }))) return 1;
  const program = join(root, 'test/dist/faults/campaign/main.js');
  return handOver(process.execPath, [program, ...args], { cwd: root });
}

process.exitCode = await faults(process.argv.slice(2));
