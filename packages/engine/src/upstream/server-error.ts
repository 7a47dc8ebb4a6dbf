import { Fault, type FaultCode } from '@isotherm/kernel';

/** What a server says went wrong, whichever of the usual shapes it says it in. */
export interface ServerError {
  readonly message: string;
  /** HTTP status that the error itself names, if any. */
  readonly status: number | undefined;
  readonly type: string;
  readonly param: string | undefined;
}

const messageCharactersMax = 500;

/**
 * Reads an error object: OpenAI's `{error: {message, type, param, code}}`, the flat one of older
 * vLLM and of SGLang (`{object: 'error', message, code}`), and `{error: 'words'}`. Undefined when
 * the value is none of them.
 */
export const serverErrorOf = (json: unknown): ServerError | undefined => {
  if (!isRecord(json)) return undefined;
  const { error } = json;
  if (typeof error === 'string') return errorOf({ message: error });
  if (isRecord(error)) return errorOf(error);
  return json['object'] === 'error' ? errorOf(json) : undefined;
};

const errorOf = (error: Readonly<Record<string, unknown>>): ServerError => {
  const { message, type, code, param } = error;
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
  return {
    status,
    message: typeof message === 'string' ? message.slice(0, messageCharactersMax) : 'no message',
    type: [type, code].filter((one) => typeof one === 'string').join(' '),
    param: typeof param === 'string' && param !== '' ? param.slice(0, 200) : undefined,
  };
};

/**
 * A server's refusal as a Fault. What is the request's fault is told in the server's words; what
 * is the server's own is not: it may speak of machines that are no client's business.
 */
export const faultOfStatus = (status: number, error: ServerError | undefined): Fault => {
  const code = codeOf(status, error);
  const theirs = error === undefined ? `status ${status}` : error.message;
  // Without the server's words, which may quote the prompt: causes go to the log.
  const cause = new Error(`The upstream server answered ${status} ${error?.type ?? ''}`);
  if (code === 'unavailable' || code === 'saturated') {
    return new Fault(code, `${wordsOf(status)} (status ${status}).`, { cause });
  }
  const param = error?.param;
  return new Fault(code, theirs, { cause, ...(param !== undefined && { param }) });
};

const codeOf = (status: number, error: ServerError | undefined): FaultCode => {
  switch (status) {
    case 400:
    case 422:
      return error !== undefined && aboutContext(error)
        ? 'context_length_exceeded'
        : 'invalid_argument';
    case 413:
      return 'payload_too_large';
    case 429:
      return 'saturated';
    default:
      return 'unavailable';
  }
};

const wordsOf = (status: number): string => {
  switch (status) {
    case 401:
    case 403:
      return 'The upstream server refused the API key of this service';
    case 404:
      return 'The upstream server does not have the model or the path';
    case 429:
      return 'The upstream server is too busy';
    case 503:
      return 'The upstream server takes no requests now';
    default:
      return status < 400
        ? 'The upstream server answered with a redirection, which is not followed'
        : 'The upstream server failed';
  }
};

/** vLLM and SGLang say it in words, OpenAI by a code, llama.cpp by a type. */
const aboutContext = ({ message, type }: ServerError): boolean =>
  /context_length_exceeded|exceed_context_size/.test(type) ||
  /context (length|size|window)|max_model_len|maximum model length/i.test(message);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
