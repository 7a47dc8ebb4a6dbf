import { createTurns } from '@isotherm/rpc';
import type { RouterSettings } from '../settings.ts';

export type SizeTurnBounds = Pick<
  RouterSettings,
  'bodyBytesInPlaceMax' | 'largeAtOnceMax' | 'largeYieldMsMax' | 'largeTurnMsMax'
>;

/**
 * What the size of one request means for the others. What is done for a large one (its body is read, its text becomes
 * tokens, its payloads are pulled) takes milliseconds of the processor in every process on its way, and a small one that
 * comes meanwhile waits for them: so large ones take turns, and begin when no small one is under way.
 */
export interface SizeTurn {
  /** Its size in bytes is known: the first one counts. Waits for its turn where it is large, until the signal aborts. */
  sized(bytes: number, signal: AbortSignal): Promise<void>;
  /** The stages have what they need of it, or it waits for something else: the next large one may begin. */
  passed(): void;
  /** It has ended. */
  release(): void;
}

const nothing = (): void => undefined;

/** Turns for the requests of one router; the result is called for each of them. */
export const createSizeTurns = (bounds: SizeTurnBounds): (() => SizeTurn) => {
  const { bodyBytesInPlaceMax: smallBytesMax, largeTurnMsMax } = bounds;
  const turns = createTurns({
    atOnceMax: bounds.largeAtOnceMax,
    yieldMsMax: bounds.largeYieldMsMax,
  });
  return () => {
    let isSized = false;
    let isLarge = false;
    let isOver = false;
    let end = nothing;
    let late: NodeJS.Timeout | undefined;
    const release = (): void => {
      isOver = true;
      clearTimeout(late);
      end();
    };
    return {
      sized: async (bytes, signal) => {
        if (isSized) return;
        isSized = true;
        isLarge = bytes > smallBytesMax;
        if (!isLarge) {
          end = turns.small();
          return;
        }
        end = await turns.take(signal);
        if (isOver) return end();
        // One that a slow stage holds up costs nobody anything while it waits there.
        late = setTimeout(release, largeTurnMsMax);
      },
      passed: () => {
        if (isLarge) release();
      },
      release,
    };
  };
};
