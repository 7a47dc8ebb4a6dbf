/** One sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Lines that are no samples, comments or blanks. */
  readonly malformed: number;
}

/** All are sticky: a line is read once from left to right, however it tries to be ambiguous. */
const namePattern = /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{)?/y;
const labelPattern =
  /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,[ \t]*)?/y;
/** The value, perhaps a time, which is not used by what is read here, perhaps an exemplar of OpenMetrics. */
const valuePattern = /[ \t]+([^\s#]{1,40})(?:[ \t]+-?[0-9.]{1,40})?[ \t]*(?:#.*)?$/y;
const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads the samples whose name has a prefix out of a text in Prometheus' format 0.0.4. Never throws. */
export const parseExposition = (text: string, prefix = ''): Exposition => {
  const samples: Sample[] = [];
  let malformed = 0;
  for (const each of text.split('\n')) {
    if (each === '' || each.startsWith('#') || each.trim() === '') continue;
    // What nobody asks for need not be understood, but has to look like a sample.
    const sample = sampleOf(each.endsWith('\r') ? each.slice(0, -1) : each);
    if (sample === undefined) malformed += 1;
    else if (sample.name.startsWith(prefix)) samples.push(sample);
  }
  return { samples, malformed };
};

const sampleOf = (text: string): Sample | undefined => {
  namePattern.lastIndex = 0;
  const [, name = '', brace] = namePattern.exec(text) ?? [];
  if (name === '') return undefined;
  const labels = new Map<string, string>();
  let at = namePattern.lastIndex;
  if (brace !== undefined) {
    const end = readLabels(text, at, labels);
    if (end === undefined) return undefined;
    at = end;
  }
  valuePattern.lastIndex = at;
  const value = valueOf(valuePattern.exec(text)?.[1] ?? '');
  return value === undefined ? undefined : { name, labels, value };
};

/** Where the value begins, behind the closing brace; undefined where there is none. */
const readLabels = (
  text: string,
  from: number,
  labels: Map<string, string>,
): number | undefined => {
  let at = from;
  for (;;) {
    if (text[at] === '}') return at + 1;
    labelPattern.lastIndex = at;
    const [, name = '', value = ''] = labelPattern.exec(text) ?? [];
    if (name === '') return undefined;
    labels.set(
      name,
      value.replaceAll(/\\(.)/g, (_, escaped: string) => unescaped(escaped)),
    );
    at = labelPattern.lastIndex;
  }
};

const unescaped = (character: string): string => (character === 'n' ? '\n' : character);

const specials: Readonly<Record<string, number>> = {
  ...{ NaN: Number.NaN, '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity },
};

const valueOf = (text: string): number | undefined => {
  if (Object.hasOwn(specials, text)) return specials[text];
  return numberPattern.test(text) ? Number(text) : undefined;
};
