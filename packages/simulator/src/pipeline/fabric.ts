import type { Host } from '../host/host.ts';
import type { Deployment } from './deployment.ts';

/** What everything between stages takes of requests' time, and of the cores that event loops share with engines. */
export interface Fabric {
  /** A request with so many media arrives: how long until its first stage has the work. */
  onRequest(deployment: number, media: number): number;
  /** A request is handed on to decode. */
  onHandOver(deployment: number): void;
  /** A step of decode has made so many tokens. */
  onTokens(deployment: number, tokens: number): void;
  /** Processor time of event loops so far, in milliseconds. */
  readonly loopsMs: number;
}

export const createFabric = (
  deployments: readonly Deployment[],
  hosts: readonly Host[],
): Fabric => {
  const parts = deployments.map(({ fabric, pools }) => {
    return { fabric, host: hosts[pools[0]?.host ?? -1] };
  });
  let loopsMs = 0;
  const spend = (host: Host | undefined, workMs: number): void => {
    loopsMs += workMs;
    host?.spend(workMs);
  };
  return {
    onRequest: (deployment, media) => {
      const { fabric, host } = parts[deployment] ?? {};
      if (fabric === undefined) return 0;
      const { loops, requestMs, mediumMs } = fabric;
      if (loops !== undefined) spend(host, loops.requestMs + media * loops.mediumMs);
      return Math.max(0, requestMs + media * mediumMs);
    },
    onHandOver: (deployment) => {
      const { fabric, host } = parts[deployment] ?? {};
      if (fabric?.loops !== undefined) spend(host, fabric.loops.handOverMs);
    },
    onTokens: (deployment, tokens) => {
      const { fabric, host } = parts[deployment] ?? {};
      if (fabric?.loops === undefined) return;
      spend(host, fabric.loops.stepMs + tokens * fabric.loops.tokenMs);
    },
    get loopsMs() {
      return loopsMs;
    },
  };
};
