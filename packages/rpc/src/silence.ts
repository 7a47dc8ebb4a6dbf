/** Looks at something that owes news. */
export interface SilenceWatch {
  /** Something has come: the time begins anew. */
  heard(): void;
  /** Nothing is owed any more. */
  end(): void;
}

/** Calls `silent`, once, when nothing has been heard for `silenceMs`. */
export const watchSilence = (silenceMs: number, silent: () => void): SilenceWatch => {
  let heard = 0;
  let over = false;
  const look = (): void => {
    const before = heard;
    afterReading(() => {
      if (over || heard !== before) return;
      over = true;
      silent();
    });
  };
  const timer = setTimeout(look, silenceMs);
  return {
    heard: () => {
      heard += 1;
      if (!over) timer.refresh();
    },
    end: () => {
      over = true;
      clearTimeout(timer);
    },
  };
};

/**
 * Runs an action when what has already arrived has been read. After a stall of the event loop its
 * timers run before its sockets are read, so a timer alone takes one's own silence for the other
 * side's. The first turn reads the socket, the second is for a message's way through gRPC.
 */
const afterReading = (action: () => void): void => {
  setImmediate(() => setImmediate(action));
};
