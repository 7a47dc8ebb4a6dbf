import { fileURLToPath } from 'node:url';

/** Seen from bench/dist/report as from bench/src/report. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url));
