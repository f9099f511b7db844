/**
 * The only script of the report: it searches the broken links. The page's policy lets exactly this text run, by its hash, so
 * nothing that a site says can.
 */
export const SEARCH_SCRIPT = `
const box = document.getElementById('search');
if (box !== null) {
  const found = document.getElementById('found');
  const groups = [...document.querySelectorAll('#findings details.page')].map((group) => ({
    group,
    wasOpen: group.open,
    page: group.firstElementChild.textContent.toLowerCase(),
    rows: [...group.querySelectorAll('li')].map((row) => ({ row, text: row.textContent.toLowerCase() })),
  }));
  const search = () => {
    const words = box.value.toLowerCase().split(' ').filter(Boolean);
    let hits = 0;
    for (const { group, wasOpen, page, rows } of groups) {
      let any = false;
      for (const { row, text } of rows) {
        const hit = words.every((word) => text.includes(word) || page.includes(word));
        row.hidden = !hit;
        any ||= hit;
        if (hit) hits++;
      }
      group.hidden = !any;
      group.open = words.length > 0 ? any : wasOpen;
    }
    found.textContent = words.length > 0 ? hits.toLocaleString('en-US') + ' found' : '';
  };
  let waiting;
  box.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  box.closest('p').hidden = false;
}
`;

/** Of the text above, in Base64, as a content security policy names it. */
export const SEARCH_SCRIPT_SHA256 = 'VjkxvH7U9sEnavOIk3Hya/72KQVHnlL0gH8WmlDb5rA=';
