import { runCommand } from './program.ts';

// A reader that closes the pipe early (`isotherm ask … | head -1`) is no failure.
let readerGone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!readerGone) process.kill(process.pid, 'SIGTERM');
  readerGone = true;
});

process.exitCode = await runCommand(process.argv.slice(2));
