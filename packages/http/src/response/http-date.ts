/**
 * Reads an HTTP date, in milliseconds since 1970.
 *
 * @param now - decides the century of a two-digit year
 *
 * Source: RFC 9110, section 5.6.7.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const imf = IMF.exec(text);
  if (imf !== null) return dateOf(imf[3], imf[2], imf[1], imf[4]);
  const asctime = ASCTIME.exec(text);
  if (asctime !== null) return dateOf(asctime[4], asctime[1], asctime[2], asctime[3]);
  const rfc850 = RFC850.exec(text);
  if (rfc850 === null) return undefined;
  const year = new Date(now).getUTCFullYear();
  let full = year - (year % 100) + Number(rfc850[3]);
  // A date that seems to lie more than 50 years ahead means the last century.
  if (full > year + 50) full -= 100;
  return dateOf(String(full), rfc850[2], rfc850[1], rfc850[4]);
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const IMF = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/;
const RFC850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/;

function dateOf(year = '', month = '', day = '', time = ''): number | undefined {
  const index = MONTHS.indexOf(month);
  if (index === -1 || index % 3 !== 0) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  const date = new Date(Date.UTC(Number(year), index / 3, Number(day), hours, minutes, seconds));
  // Date.UTC carries a 31st of February over into March.
  if (date.getUTCDate() !== Number(day) || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return date.getTime();
}
