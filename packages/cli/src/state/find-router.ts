import { CommandError } from '../exit-code.ts';
import { listRunningStacks } from './running-stacks.ts';

/**
 * gRPC address of the router to talk to: the one named (by --address or ISOTHERM_ADDRESS), else
 * that of the latest stack.
 */
export const findRouter = (named: string | undefined): string => {
  if (named !== undefined && named !== '') {
    if (/^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(named)) return named;
    throw new CommandError(`"${named}" is not an address: write host:port, as 127.0.0.1:50051.`, {
      usage: true,
    });
  }
  const [latest] = listRunningStacks();
  if (latest !== undefined) return latest.grpc;
  throw new CommandError(
    'Nothing runs here. Start it with `npm start`, or name a router with --address host:port.',
  );
};
