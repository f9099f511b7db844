/**
 * Where a `<meta http-equiv="refresh">` leads; `undefined` where it only loads its own page again, or says nothing.
 *
 * Source: HTML standard, 4.2.5.3 ("shared declarative refresh steps").
 */
export function addressOfRefresh(content: string): string | undefined {
  const [, text] =
    /^[\t\n\f\r ]*(?:\d+|(?=\.))[\d.]*(?:[\t\n\f\r ]*[;,]|[\t\n\f\r ])[\t\n\f\r ]*(.+)$/s.exec(content) ?? [];
  if (text === undefined) return undefined;
  const [, named] = /^url[\t\n\f\r ]*=[\t\n\f\r ]*(.*)$/is.exec(text) ?? [];
  const address = named ?? text;
  const bare = /^["']/.test(address) ? insideQuotes(address) : address;
  return bare === '' ? undefined : bare;
}

function insideQuotes(address: string): string {
  const end = address.indexOf(address[0] ?? '', 1);
  return address.slice(1, end === -1 ? undefined : end);
}
