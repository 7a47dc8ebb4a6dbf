// Runs another program and keeps its output to itself unless it fails.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A program that failed: its whole output, and what the reader can do about it. */
export class StepFailure extends Error {
  /**
   * @param {string} message
   * @param {{output?: string, advice?: string}} details
   */
  constructor(message, { output = '', advice = '' } = {}) {
    super(message);
    this.name = 'StepFailure';
    this.output = output;
    this.advice = advice;
  }

  /** Everything that a person needs to see, in reading order. */
  report() {
    return [this.output.trimEnd(), this.message, this.advice].filter(Boolean).join('\n');
  }
}

/**
 * @typedef {{code: number, output: string}} Outcome `code` is 128 + n for a death by signal, 127 for a
 *   program that could not be started; `output` is stdout and stderr in the order they came.
 */

/**
 * Runs a program to its end and returns its exit code and output; it never rejects.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function capture(program, args, options = {}) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const output = () => Buffer.concat(chunks).toString('utf8');
    child.once('error', (error) => resolve({ code: 127, output: `${output()}${error.message}\n` }));
    child.once('close', (code, signal) => {
      // Killed from outside (by hand, for memory, at its time limit) it could say nothing itself.
      const death = signal === null ? '' : `${program} was ended by ${signal}.\n`;
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), output: output() + death });
    });
  });
}

/**
 * Runs a program that shares this one's terminal; resolves with its exit code. SIGINT and SIGTERM are
 * passed on once: a terminal's Ctrl-C reaches the whole group anyway, a second one would cut its drain.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function handOver(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const passed = new Set();
    const pass = (signal) => {
      if (passed.has(signal)) return;
      passed.add(signal);
      // In a terminal the child got its own SIGINT; a second would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, pass);
    const finish = (code) => {
      for (const signal of signals) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      finish(127);
    });
    child.once('close', (code, signal) => finish(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Seconds since `startMs` (a `performance.now()`), for a step's line. */
export const secondsSince = (startMs) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
