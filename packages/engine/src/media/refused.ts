import { Fault } from '@isotherm/kernel';

/** A medium that cannot be taken. The caller knows the request's field and puts it in the place of `param`. */
export const refused = (message: string, cause?: unknown): Fault =>
  new Fault('invalid_argument', message, {
    param: 'media',
    ...(cause === undefined ? {} : { cause }),
  });

/** What a decoder makes of a medium. That it throws is the medium's fault, unless it says whose: a Fault stays. */
export const elseRefused = async <Value>(
  message: string,
  decode: () => Promise<Value>,
): Promise<Value> => {
  try {
    return await decode();
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : refused(message, thrown);
  }
};
