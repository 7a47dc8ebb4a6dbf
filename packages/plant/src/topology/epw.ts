/** Lines of an EPW file before its data. */
const headerLines = 8;
/** Counted from 0: the dry bulb temperature in °C; 99.9 says that it is missing. */
const dryBulbField = 6;
const missingC = 99;
/** A leap year. */
const hoursMax = 8_784;

/** Hourly temperatures of an EPW weather file, or what is wrong with it. A missing hour is as the one before. */
export const parseEpw = (
  text: string,
):
  | { readonly kind: 'ok'; readonly hourlyC: readonly number[] }
  | { readonly kind: 'refused'; readonly reason: string } => {
  const refused = (reason: string): { kind: 'refused'; reason: string } => ({
    kind: 'refused',
    reason,
  });
  const lines = text.split(/\r?\n/);
  if (!/^\uFEFF?LOCATION,/i.test(lines[0] ?? '')) return refused('does not begin with LOCATION');
  const data = lines.slice(headerLines).filter((line) => line.trim() !== '');
  if (data.length === 0) return refused('has no hours');
  if (data.length > hoursMax) return refused(`has ${data.length} hours, at most ${hoursMax}`);
  const hourlyC: number[] = [];
  for (const [index, line] of data.entries()) {
    const field = line.split(',')[dryBulbField]?.trim() ?? '';
    const value = field === '' ? Number.NaN : Number(field);
    if (!Number.isFinite(value)) return refused(`hour ${index}: no dry bulb temperature`);
    const before = hourlyC.at(-1);
    if (value >= missingC && before === undefined) return refused('hour 0: missing');
    hourlyC.push(value >= missingC ? (before ?? value) : value);
  }
  return { kind: 'ok', hourlyC };
};
