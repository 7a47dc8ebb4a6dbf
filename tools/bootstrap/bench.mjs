// `npm run bench -- NAME [arguments]`: runs one bench. Its last line on stdout is one JSON object and nothing
// comes after it; whatever this program has to say goes to stderr.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from './command.mjs';
import { prepareOrReport } from './prepare.mjs';
import { repositoryRoot as root } from './workspace.mjs';

const log = (line) => console.error(line);
const sourceFolders = ['bench', 'bench/src'];

/** The first sentence-like line of a file's head comment. */
function firstHeadLine(file) {
  const head = /^(?:\/\*\*?\s*\n?\s*\*?|\/\/)\s*(.*?)\s*(?:\*\/)?$/m.exec(
    readFileSync(file, 'utf8'),
  );
  return head?.[1] ?? '';
}

/** Every bench with what its head says first. */
function listBenches() {
  return sourceFolders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => /^[a-z0-9-]+\.ts$/.test(file) && file !== 'index.ts')
        .map((file) => ({ name: file.slice(0, -3), head: firstHeadLine(join(folder, file)) })),
    );
}

// What packages/stack starts services with: a bench that plays a service's part must run as one does.
const serviceFlags = ['--initial-old-space-size=256'];

async function bench([name, ...args]) {
  const benches = listBenches();
  if (!benches.some((known) => known.name === name)) {
    log(name === undefined ? 'Which bench?' : `There is no bench ${name}.`);
    for (const known of benches) log(`  npm run bench -- ${known.name.padEnd(12)} ${known.head}`);
    return 2;
  }
  if (!(await prepareOrReport({ log }))) return 1;
  const program = join(root, 'bench/dist', `${name}.js`);
  return handOver(process.execPath, [...serviceFlags, program, ...args], { cwd: root });
}

process.exitCode = await bench(process.argv.slice(2));
