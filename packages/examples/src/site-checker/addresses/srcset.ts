/**
 * The addresses in a `srcset`.
 *
 * Source: HTML standard, 4.8.4.3.10 ("parse a srcset attribute"). Blanks are those of the standard: a no-break space
 * belongs to the address.
 */
export function addressesOfSrcset(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (true) {
    rest = rest.replace(/^[\t\n\f\r ,]+/, '');
    const [address] = /^[^\t\n\f\r ]+/.exec(rest) ?? [];
    if (address === undefined) return found;
    rest = rest.slice(address.length);
    const bare = address.replace(/,+$/, '');
    found.push(bare);
    // An address that a comma ends has no descriptors; else they go to the next comma outside of parentheses.
    if (bare === address) rest = rest.slice(descriptorsOf(rest));
  }
}

function descriptorsOf(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (character === ',' && depth === 0) return index + 1;
  }
  return text.length;
}
