import { Fault } from '@isotherm/kernel';

/** A medium that cannot be taken. The caller knows the request's field and puts it in the place of `param`. */
export const refused = (message: string, cause?: unknown): Fault =>
  new Fault('invalid_argument', message, {
    param: 'media',
    ...(cause === undefined ? {} : { cause }),
  });
