import type { Registry, RouterRecord } from '@isotherm/lanes';

/** All living routers, this one among them. */
export interface RouterDirectory {
  readonly routers: readonly RouterRecord[];
  /** Says that this router takes no new requests. */
  drain(): Promise<void>;
  /** Leaves. What it knew last stays readable. */
  close(): Promise<void>;
}

/** Announces a router and follows who else there is, so that a tool that found one of them finds all. */
export const createRouterDirectory = async (
  registry: Registry<RouterRecord>,
  own: RouterRecord,
): Promise<RouterDirectory> => {
  let routers: readonly RouterRecord[] = [own];
  const registration = await registry.announce(own);
  const watch = await registry.watch((records) => {
    routers = records;
  });
  return {
    get routers() {
      return routers;
    },
    drain: () => registration.update({ ...own, state: 'draining' }),
    close: async () => {
      await watch.close();
      await registration.withdraw();
    },
  };
};
