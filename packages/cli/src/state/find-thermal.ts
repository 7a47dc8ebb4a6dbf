import { Fault } from '@isotherm/kernel';
import type { RouterGetStatusResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import { routerError } from '../ask/generate.ts';
import { CommandError } from '../exit-code.ts';
import { findRouter } from './find-router.ts';

/** Options by which the commands about heat find the thermal service. */
export interface ThermalWhere {
  /** The thermal service itself, host:port. */
  readonly thermal?: string;
  /** A router, which knows the thermal service that it listens to. */
  readonly address?: string;
}

const timeoutMs = 5000;

/** gRPC address of the thermal service: the one named, else that of the router that is found. */
export const findThermal = async (peers: Peers, where: ThermalWhere): Promise<string> => {
  if (where.thermal !== undefined && where.thermal !== '') return findRouter(where.thermal);
  const router = findRouter(where.address);
  const { headroom } = await routerStatus(peers, router);
  if (headroom === null || headroom.address === '') {
    throw new CommandError(
      `The router at ${router} hears no thermal service. Start one with isotherm up, or name it with --thermal host:port.`,
    );
  }
  return headroom.address;
};

const routerStatus = async (peers: Peers, address: string): Promise<RouterGetStatusResponse> => {
  try {
    return await callUnary<RouterGetStatusResponse>((callback) =>
      peers.router(address).getStatus({}, { deadline: Date.now() + timeoutMs }, callback),
    );
  } catch (error) {
    throw error instanceof Fault ? routerError(error, address) : error;
  }
};
