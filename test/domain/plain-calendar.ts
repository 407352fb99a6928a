/** The first instant of the next UTC day. */
export const nextMidnight = (now: number): number => {
  const noon = new Date(now);
  noon.setUTCHours(24, 0, 0, 0);
  return noon.getTime();
};

/** A calendar walked by hand: so many months on, the same day and time, or the month's last day. */
export const monthsLater = (from: number, months: number): number => {
  const [date = '', time = ''] = new Date(from).toISOString().split('T');
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  let inYear = year;
  let inMonth = month;
  for (let left = months; left > 0; left--) {
    inMonth += 1;
    if (inMonth === 13) [inYear, inMonth] = [inYear + 1, 1];
  }
  const leap = (inYear % 4 === 0 && inYear % 100 !== 0) || inYear % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][inMonth - 1] ?? 0;
  const two = (number: number) => String(number).padStart(2, '0');
  return Date.parse(`${inYear}-${two(inMonth)}-${two(Math.min(day, days))}T${time}`);
};
