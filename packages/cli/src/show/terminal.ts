export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** What a stream can show. */
export interface Terminal {
  write(text: string): void;
  line(text?: string): void;
  /**
   * Writes text that a model made: at a terminal without the control characters that could command
   * it.
   */
  foreign(text: string, style?: Style): void;
  style(style: Style, text: string): string;
  /** Bits of colour: 1 for none, 8 for 256 colours, 24 for all. */
  readonly colourBits: number;
  readonly columns: number;
  readonly interactive: boolean;
}

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

const pipeColumns = 100;

/**
 * Colours only where a person looks, and not where NO_COLOR (no-color.org) or a dumb terminal
 * forbids them.
 */
export const terminalOf = (stream: NodeJS.WriteStream): Terminal => {
  // A pipe has no isTTY and no getColorDepth, whatever the type says.
  const interactive = (stream.isTTY as boolean | undefined) === true;
  const colourBits = interactive ? stream.getColorDepth() : 1;
  const styled = (style: Style, text: string): string => {
    if (colourBits === 1) return text;
    const [on, off] = codes[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
  return {
    write: (text) => void stream.write(text),
    line: (text = '') => void stream.write(`${text}\n`),
    foreign: (text, style) => {
      const shown = interactive ? harmless(text) : text;
      stream.write(style === undefined ? shown : styled(style, shown));
    },
    style: styled,
    colourBits,
    columns: interactive ? stream.columns : pipeColumns,
    interactive,
  };
};

/** Text whose control characters, but for line ends and tabs, are replaced by a mark. */
export const harmless = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
