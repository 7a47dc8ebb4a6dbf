interface LogLine {
  readonly msg?: string;
  readonly err?: { readonly message?: string };
  readonly [field: string]: unknown;
}

/** Fields that say nothing in a terminal. */
const hidden = new Set(['level', 'time', 'pid', 'service', 'msg', 'err', 'instance', 'router']);

/** A service's JSON log line for reading: its message, its fields, its error's message. */
export const logText = (line: string): string => {
  const log = parse(line);
  if (log === undefined) return line.replace(/^\(node:\d+\) /, '');
  const fields = Object.entries(log)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const error = log.err?.message === undefined ? '' : `: ${log.err.message}`;
  return `${log.msg ?? ''}${fields.join('')}${error}`;
};

const quietMs = 60_000;
const rememberedMax = 1000;

/**
 * Whether a line is to be shown: the same words of one service only once a minute, hints of Node's
 * never.
 */
export const createLogFilter = (
  nowMs: () => number = () => performance.now(),
): ((service: string, line: string) => boolean) => {
  const shownMs = new Map<string, number>();
  return (service, line) => {
    if (line.startsWith('(Use `node --trace-warnings')) return false;
    const key = `${service} ${logText(line)}`;
    const last = shownMs.get(key);
    if (last !== undefined && nowMs() - last < quietMs) return false;
    if (shownMs.size >= rememberedMax) shownMs.clear();
    shownMs.set(key, nowMs());
    return true;
  };
};

const parse = (line: string): LogLine | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
};

/**
 * Why a service did not start, from the message of its failure, which ends with the last lines of
 * its log: what it said in plain words, else the message itself.
 */
export const startFailure = (message: string): string => {
  const [first = '', ...tail] = message.split('\n');
  const plain = tail.filter((line) => line !== '' && !line.startsWith('{')).map((l) => l.trim());
  // A stack trace starts where the words end.
  const trace = plain.findIndex((line) => /^at |^node:|^Node\.js v/.test(line));
  const words = trace < 0 ? plain : plain.slice(0, trace);
  const service = first.split(':')[0] ?? '';
  return words.length === 0 ? first : `${service} did not start: ${words.join(' ')}`;
};
