// What all plots share. Each brings its own page, so that it can be read whatever lies behind it.
export const WIDTH = 760;
/** Where the drawing begins below the title. */
export const TOP = 64;

/** Text as SVG takes it. */
export const markup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A text at a place. */
export function label(x: number, y: number, text: string, kind = '', anchor = 'start'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${kind}" text-anchor="${anchor}">${markup(text)}</text>`;
}

/** Peers by colour and sign; those that share one are never in the same plot. */
const PEERS: readonly (readonly string[])[] = [
  ['effect', 'undici dispatch', 'worker threads'],
  ['effection', 'node:http'],
  ['asyncio', 'fetch'],
  ['go'],
  ['redux-saga'],
  ['co'],
];

/** What a system is drawn as: ours, native, or one of the peers; a second form of the same is drawn hollow. */
export function kindOf(system: string): string {
  if (system.startsWith('coloop')) return system === 'coloop' ? 'own' : 'own hollow';
  if (system.startsWith('native')) return system === 'native' ? 'native' : 'native hollow';
  return `peer${PEERS.findIndex((systems) => systems.includes(system))}`;
}

/** The sign of a system: its form tells it apart where its colour does not. */
export function sign(system: string, x: number, y: number): string {
  const kind = kindOf(system);
  const at = `transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" class="sign ${kind}"`;
  const size = kind === 'own' ? 6.5 : 4.5;
  const form = FORMS[kind];
  return form === undefined ? `<circle r="${size}" ${at}/>` : `<path d="${form}" ${at}/>`;
}

const FORMS: Readonly<Record<string, string>> = {
  peer0: 'M-4-4h8v8h-8z',
  peer1: 'M0-5.5 5.5 0 0 5.5-5.5 0z',
  peer2: 'M0-5 5 4h-10z',
  peer3: 'M0 5 5-4h-10z',
  peer4: 'M-5-1.6h3.4v-3.4h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4z',
  peer5: 'M-2-5h4v10h-4z',
};

/** A whole picture; the subtitle says what was measured. */
export function picture(title: string, subtitle: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${markup(title)}">
<style>
${STYLE}
</style>
<rect width="${WIDTH}" height="${height}" rx="8" class="page"/>
${label(16, 28, title, 'title')}
${label(16, 48, subtitle, 'faint')}
${parts.join('\n')}
</svg>
`;
}

const LIGHT = ['#b6562c', '#8250df', '#0550ae', '#0b7f93', '#bf3989', '#8a6100'];
const DARK = ['#f0a07a', '#bc8cff', '#6cb6ff', '#4fd1dc', '#f778ba', '#d9b04a'];

const rules = (
  page: string,
  text: string,
  faint: string,
  own: string,
  native: string,
  peers: readonly string[],
): string =>
  [
    `.page{fill:${page}}text{fill:${text}}.faint{fill:${faint}}`,
    ...[['own', own], ['native', native], ...peers.map((colour, i) => [`peer${i}`, colour])].map(
      ([kind, colour]) => `.${kind}{fill:${colour};stroke:${colour}}`,
    ),
    `.hollow{fill:${page}}.line{fill:none}text.own{stroke:none}`,
  ].join('');

const STYLE = `text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}text.title{font-size:15px;font-weight:600}text.name{font-weight:600}text.faint{font-size:12px}
.grid{stroke:#8c959f;stroke-opacity:.28}.one{stroke:#8c959f;stroke-opacity:.9}.line{stroke-width:2}.line.own{stroke-width:3}.line.hollow{stroke-dasharray:5 4}.bar{stroke:none}.sign{stroke-width:1.5}
${rules('#ffffff', '#1f2328', '#59636e', '#0a7d4f', '#57606a', LIGHT)}
@media(prefers-color-scheme:dark){${rules('#0d1117', '#e6edf3', '#9198a1', '#3fb97f', '#a3adb8', DARK)}}`;
