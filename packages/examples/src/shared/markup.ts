/** HTML by template: what is put in is escaped, unless it was made by `markup` itself. */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** HTML that is safe as it stands. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Takes text as HTML; never for anything that came from outside this program. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export type Content = string | number | Markup | undefined | false | readonly Content[];

/** Escapes every value: strings from a site can hold anything. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (parts[index + 1] ?? '');
  });
  return new Markup(text);
}

function render(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return escapeText(String(value));
}

function escapeText(text: string): string {
  // Characters that HTML does not allow anywhere are shown, not sent.
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\u{fffe}\u{ffff}]/gu, '\u{fffd}');
}
