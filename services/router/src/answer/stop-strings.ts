/** Text on its way to the client, with stop strings cut out. */
export interface StopFilter {
  /** The text that may be sent now; `stopped` when a stop string has come, and nothing may follow. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back, at the end of the text. */
  end(): string;
}

/**
 * Ends a text before the first of its stop strings, wherever pieces of text meet. What could be the beginning of one is
 * held back until it is known, so that a client never sees part of a stop string.
 */
export const createStopFilter = (stops: readonly string[]): StopFilter => {
  let held = '';
  return {
    push: (text) => {
      held += text;
      const places = stops.map((stop) => held.indexOf(stop)).filter((place) => place >= 0);
      const stopped = places.length > 0;
      const cut = stopped ? Math.min(...places) : held.length - heldLength(held, stops);
      const free = held.slice(0, cut);
      held = stopped ? '' : held.slice(cut);
      return { text: free, stopped };
    },
    end: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
};

/** Length of the longest end of the text that a stop string begins with. */
const heldLength = (text: string, stops: readonly string[]): number => {
  const longest = stops.reduce((most, stop) => Math.max(most, stop.length - 1), 0);
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
};
