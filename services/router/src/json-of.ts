/** What a text of JSON says; undefined where it is none, which every schema refuses. */
export const jsonOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
};
