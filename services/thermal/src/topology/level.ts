/** Parts of a room that can be read, from the inside out; `room` has what is outside all of them. */
export const levels = ['gpu', 'server', 'rack', 'row', 'ups', 'aisle', 'room'] as const;
export type Level = (typeof levels)[number];

/** One of them. A GPU's id is `SERVER/INDEX`. */
export interface LevelRef {
  readonly level: Level;
  readonly id: string;
}

export const isLevel = (text: string): text is Level =>
  (levels as readonly string[]).includes(text);

/** As logs, metrics and keys name it: `row:r1`. */
export const levelKey = ({ level, id }: LevelRef): string => `${level}:${id}`;
