/** What a Content-Type header says, as browsers read it. */

export interface ContentType {
  /** Such as `text/html`, in lower case; empty where the header is missing or makes no sense. */
  readonly essence: string;
  readonly charset: string | undefined;
}

export function readContentType(header: string | null): ContentType {
  const [type = '', ...parameters] = (header ?? '').split(';');
  const essence = type.trim().toLowerCase();
  const charset = parameters
    .map((text) => /^\s*charset=(?:"([^"]*)"|([^\s"]+))/i.exec(text))
    .find((match) => match !== null);
  return { essence: /^[^\s/]+\/[^\s/]+$/.test(essence) ? essence : '', charset: charset?.[1] ?? charset?.[2] };
}

/** Types that say nothing, for which a browser looks at the first bytes. */
const UNKNOWN: ReadonlySet<string> = new Set(['', '*/*', 'application/unknown', 'unknown/unknown']);

/** How a body is read: as a page of either kind, as a style sheet, not at all, or only its first bytes can tell. */
export function markupOf({ essence }: ContentType): 'html' | 'xml' | 'css' | 'none' | 'unknown' {
  if (essence === 'text/html') return 'html';
  if (essence === 'text/css') return 'css';
  if (essence === 'application/xhtml+xml') return 'xml';
  return UNKNOWN.has(essence) ? 'unknown' : 'none';
}

const HTML_STARTS =
  /^[\t\n\f\r ]*(?:<!--|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\t\n\f\r />])/i;

/** Source: MIME Sniffing standard, 7.1, for what begins like HTML. */
export function looksLikeHtml(start: Uint8Array): boolean {
  return HTML_STARTS.test(
    Buffer.from(start.subarray(0, 1024))
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, ''),
  );
}
