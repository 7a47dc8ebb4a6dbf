/** A thread that does one task after the other. */
import { parentPort } from 'node:worker_threads';
import { doTask, type Task } from './task.ts';

parentPort?.on('message', (task: Task) => parentPort?.postMessage(doTask(task), []));
