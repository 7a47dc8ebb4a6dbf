import { Fault } from '@isotherm/kernel';

/** Bounds of a conversation that do not depend on the model. */
export const chatBounds = {
  /** Messages and their parts together: each costs far more than its few bytes. */
  partsMax: 16_384,
} as const;

/** Refuses a conversation of more pieces than anybody would write, before time is spent on each. */
export const checkPartCount = <Message>(
  messages: readonly Message[],
  partsOf: (message: Message) => number,
): void => {
  let parts = 0;
  for (const message of messages) {
    parts += Math.max(1, partsOf(message));
    if (parts <= chatBounds.partsMax) continue;
    const problem = `messages: at most ${chatBounds.partsMax} messages and parts are accepted.`;
    throw new Fault('invalid_argument', problem, { param: 'messages' });
  }
};
