import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A model server of zero cost in a process of its own. */
export interface Stub {
  readonly pid: number;
  /** http://host:port */
  readonly http: string;
  /** host:port */
  readonly grpc: string;
  stop(): Promise<void>;
}

export const startStub = async (answerTokens: number): Promise<Stub> => {
  const program = fileURLToPath(new URL('./stub-process.js', import.meta.url));
  const child = fork(program, [String(answerTokens)]);
  const exited = once(child, 'exit');
  const died = exited.then(() => Promise.reject(new Error('The stub did not start.')));
  const [addresses] = (await Promise.race([once(child, 'message'), died])) as [
    { readonly http: string; readonly grpc: string },
  ];
  return {
    pid: child.pid ?? 0,
    ...addresses,
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
};
