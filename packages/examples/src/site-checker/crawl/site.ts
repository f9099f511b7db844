/** Which addresses belong to the site: the origins that were named, where they lead to, and their twins. */

/**
 * A twin is the same name with the other scheme, or with and without `www.`, on the usual ports: who owns one owns the
 * other, and pages name them as they come.
 */
export class Site {
  readonly #origins = new Set<string>();
  readonly #names = new Set<string>();

  add(url: URL): void {
    this.#origins.add(url.origin);
    const name = twinName(url);
    if (name !== undefined) this.#names.add(name);
  }

  owns(url: URL): boolean {
    return this.#origins.has(url.origin) || this.#names.has(twinName(url) ?? '');
  }
}

function twinName({ hostname, port }: URL): string | undefined {
  return port === '' ? hostname.replace(/^www\./, '') : undefined;
}
