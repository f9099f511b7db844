/** What all plots share: readable on light and dark pages. */
export const WIDTH = 720;

/** Text as SVG takes it. */
export const markup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What a system is drawn as. */
export function kindOf(system: string): 'own' | 'native' | 'peer' {
  if (system.startsWith('coloop')) return 'own';
  return system.startsWith('native') ? 'native' : 'peer';
}

/** A whole picture. */
export function picture(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${markup(title)}">
<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.name{font-weight:600}.value{font-size:12px}.title{font-size:15px;font-weight:600}
.own{fill:#0a7d4f;stroke:#0a7d4f}.native{fill:#57606a;stroke:#57606a}.peer{fill:#b6562c;stroke:#b6562c}
.grid{stroke:#8c959f;stroke-opacity:.3}.line{fill:none;stroke-width:2}rect{stroke:none}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#3fb97f;stroke:#3fb97f}.native{fill:#8b949e;stroke:#8b949e}.peer{fill:#e08a5b;stroke:#e08a5b}rect{stroke:none}.line{fill:none}}
</style>
<text x="8" y="22" class="title">${markup(title)}</text>
${parts.join('\n')}
</svg>
`;
}
