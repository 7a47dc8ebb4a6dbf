const pattern =
  /^P(?:(\d{1,9}(?:\.\d{1,9})?)D)?(?:T(?:(\d{1,9}(?:\.\d{1,9})?)H)?(?:(\d{1,9}(?:\.\d{1,9})?)M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?$/;

/** Seconds of a duration as Redfish writes it (ISO 8601 with days and times, `P1DT2H3M4.5S`); undefined: it is none. */
export const isoDurationS = (text: string): number | undefined => {
  const found = pattern.exec(text);
  if (found === null || found.slice(1).every((part) => part === undefined)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
};
