import type { ServiceName, ServiceProcess, StackShape } from '@isotherm/stack';
import { type Deployment, deploy, type DeploymentOptions } from '../../harness/deployment.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { quietPorts } from './quiet-ports.ts';

/** The place of one process: whoever is started in it has the same addresses and the same links. */
export interface Place {
  readonly service: LinkedService;
  readonly index: number;
  /** Where it listens, past its link. */
  readonly direct: string;
  /** Of a router: http://host:port */
  readonly http: string;
  /** What its peers reach it by. */
  readonly link: FaultProxy;
  /** What it reaches Redis by. */
  readonly redisLink: FaultProxy;
}

export const linkedServices = ['router', 'encoder', 'prefill', 'decode'] as const;
export type LinkedService = (typeof linkedServices)[number];

/** A deployment in which every link between two processes passes a fault proxy. */
export interface LinkedDeployment extends Deployment {
  readonly places: readonly Place[];
  /** Who lives in a place now. */
  processOf(place: Place): ServiceProcess | undefined;
}

export interface LinkedOptions extends Omit<DeploymentOptions, 'settingsOfEach' | 'shape'> {
  readonly shape: Readonly<Record<LinkedService, number>> & Partial<StackShape>;
}

export const deployLinked = async (options: LinkedOptions): Promise<LinkedDeployment> => {
  const places = await layPlaces(options);
  const settingsOf = ({ direct, http, link, redisLink }: Place) => ({
    ISOTHERM_LISTEN: direct,
    ISOTHERM_HTTP_PORT: new URL(http).port,
    ISOTHERM_ADVERTISE_PORT: String(link.port),
    REDIS_URL: `redis://127.0.0.1:${redisLink.port}`,
  });
  const closeLinks = async (): Promise<void> => {
    await Promise.all(places.flatMap(({ link, redisLink }) => [link.close(), redisLink.close()]));
  };
  const settingsOfEach: Partial<Record<ServiceName, readonly Readonly<Record<string, string>>[]>> =
    Object.fromEntries(
      linkedServices.map((service) => [
        service,
        places.filter((place) => place.service === service).map(settingsOf),
      ]),
    );
  const deployment = await deploy({ ...options, settingsOfEach }).catch(async (error: unknown) => {
    await closeLinks();
    throw error;
  });
  return {
    ...deployment,
    places,
    processOf: ({ service, link }) =>
      deployment.stack
        .instances(service)
        .find(({ ready, alive }) => alive() && ready.address.endsWith(`:${link.port}`)),
    close: async () => {
      await deployment.close();
      await closeLinks();
    },
  };
};

const layPlaces = async ({ shape, redisUrl }: LinkedOptions): Promise<readonly Place[]> => {
  const redisPort = Number(new URL(redisUrl).port);
  const kinds = linkedServices.flatMap((service) =>
    Array.from({ length: shape[service] }, (_, index) => ({ service, index })),
  );
  const ports = await quietPorts(2 * kinds.length);
  return Promise.all(
    kinds.map(async (kind, at) => {
      const targetPort = ports[at] ?? 0;
      return {
        ...kind,
        direct: `127.0.0.1:${targetPort}`,
        http: `http://127.0.0.1:${ports[kinds.length + at] ?? 0}`,
        link: await startFaultProxy({ targetPort }),
        redisLink: await startFaultProxy({ targetPort: redisPort }),
      };
    }),
  );
};
