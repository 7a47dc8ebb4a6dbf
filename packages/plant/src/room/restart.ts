import type { RoomState } from './room-state.ts';

/** What somebody does by hand: a server is switched on again, a breaker closed. */
export type Restart =
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'row'; readonly row: string }
  | { readonly kind: 'ups'; readonly ups: string };

/** Switches a server on again with its GPUs, or closes a breaker. What is not known is left alone. */
export const restart = (state: RoomState, what: Restart): void => {
  const { layout } = state;
  switch (what.kind) {
    case 'server': {
      const index = layout.servers.findIndex(({ plan }) => plan.id === what.server);
      const server = layout.servers[index];
      if (server === undefined) return;
      state.servers.stopped[index] = 0;
      const end = server.firstGpu + server.gpuCount;
      state.gpus.shutDown.fill(0, server.firstGpu, end);
      state.gpus.slowed.fill(0, server.firstGpu, end);
      return;
    }
    case 'row':
      close(
        state.rows,
        layout.rows.findIndex(({ plan }) => plan.id === what.row),
      );
      return;
    case 'ups':
      close(
        state.ups,
        layout.ups.findIndex(({ id }) => id === what.ups),
      );
      return;
    default:
      what satisfies never;
  }
};

const close = (
  breakers: { readonly tripShare: Float64Array; readonly tripped: Float64Array },
  index: number,
): void => {
  if (index < 0) return;
  breakers.tripShare[index] = 0;
  breakers.tripped[index] = 0;
};
