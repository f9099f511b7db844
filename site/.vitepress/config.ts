import { type DefaultTheme, defineConfig } from 'vitepress';
import { publishedPackages } from '../../scripts/workspace.ts';

type Sidebar = DefaultTheme.SidebarItem[];

// Without `collapsed`: a group that folds has a button within a button, which readers of screens cannot tell.
const group = (text: string, items: readonly (readonly [text: string, link: string])[]) => ({
  text,
  items: items.map(([text, link]) => ({ text, link })),
});

const guides: Sidebar = [
  group('To begin', [
    ['Getting started', '/getting-started'],
    ['Tutorial', '/tutorial'],
    ['When to use what', '/when-to-use'],
    ['From other libraries', '/migrating'],
    ['Coming from asyncio', '/coming-from-asyncio'],
    ['Coming from aiohttp', '/coming-from-aiohttp'],
  ]),
  group('To build', [
    ['Cancellation and scopes', '/cancellation-and-scopes'],
    ['Services', '/services'],
    ['Recipes', '/recipes'],
    ['Where requests go', '/requests-in-their-world'],
    ['Cores and machines', '/cores-and-machines'],
    ['Workers', '/workers'],
    ['Jobs', '/jobs'],
    ['Processes, sockets and files', '/processes-and-sockets'],
  ]),
  group('To trust', [
    ['Testing', '/testing'],
    ['Finding races', '/finding-races'],
    ['Debugging', '/debugging'],
    ['Running programs', '/running-programs'],
    ['Reading failures', '/reading-failures'],
  ]),
  group('To look up', [
    ['Errors', '/errors'],
    ['Names of asyncio', '/asyncio'],
    ['Names of aiohttp', '/aiohttp'],
    ['Sizes and support', '/sizes-and-support'],
    ['Benchmarks', '/benchmarks'],
    ['Examples', '/packages/examples'],
    ['Architecture', '/architecture'],
    ['Contributing', '/contributing'],
  ]),
];

const CHINESE: readonly (readonly [text: string, link: string])[] = [
  ['指南', '/zh/guides'],
  ['快速上手', '/zh/getting-started'],
  ['选型', '/zh/when-to-use'],
  ['取消与作用域', '/zh/cancellation-and-scopes'],
  ['服务', '/zh/services'],
  ['实用范例', '/zh/recipes'],
  ['测试', '/zh/testing'],
  ['调试', '/zh/debugging'],
  ['多核与多机', '/zh/cores-and-machines'],
];

const doors: Sidebar = publishedPackages().map(({ manifest, doors }) => ({
  text: manifest.name,
  items: doors
    .filter(({ condition }) => condition === 'default')
    .map(({ specifier }) => ({ text: specifier, link: `/reference/${specifier}/` })),
}));

/** Words of a text: Chinese has no blanks between them, so the platform's dictionary cuts it. */
function tokenize(text: string): string[] {
  const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });
  return [...segmenter.segment(text.replace(/[_\-/@.]/g, ' '))]
    .filter((part) => part.isWordLike)
    .map((part) => part.segment);
}

export default defineConfig({
  title: 'coloop',
  description: "Python's asyncio and aiohttp for TypeScript, with their known mistakes corrected",
  base: process.env.SITE_BASE ?? '/',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.cache/vitepress',
  metaChunk: true,
  locales: {
    root: { label: 'English', lang: 'en' },
    zh: {
      label: '中文',
      lang: 'zh-CN',
      link: '/zh/',
      description: 'TypeScript 上的 asyncio 与 aiohttp：可在任意挂起点取消的协程',
      themeConfig: {
        nav: [
          { text: '指南', link: '/zh/guides' },
          { text: 'API 参考（英文）', link: '/reference/' },
        ],
        sidebar: [group('指南', CHINESE)],
        outline: { label: '本页内容', level: [2, 3] },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '主题',
        lightModeSwitchTitle: '切换到浅色主题',
        darkModeSwitchTitle: '切换到深色主题',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '切换语言',
        skipToContentLabel: '跳到正文',
      },
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/guides' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Examples', link: '/packages/examples' },
    ],
    sidebar: { '/reference/': doors, '/': guides },
    outline: { level: [2, 3] },
    externalLinkIcon: false,
    // Not every page has a twin: the menu leads to the other language's first page, and a page to its twin.
    i18nRouting: false,
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize } },
        locales: {
          zh: {
            translations: {
              button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
              modal: {
                displayDetails: '显示详细列表',
                resetButtonTitle: '清除',
                backButtonTitle: '关闭',
                noResultsText: '没有结果：',
                footer: { selectText: '打开', navigateText: '移动', closeText: '关闭' },
              },
            },
          },
        },
      },
    },
  },
  router: { prefetchLinks: false },
  markdown: {
    anchor: { slugify: slugOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      // `no-run` is for the tests; a reader sees TypeScript.
      md.core.ruler.push('marks-of-tests', ({ tokens }) => {
        for (const token of tokens) if (token.type === 'fence') token.info = token.info.replace(' no-run', '');
      });
    },
  },
});

/** The place that a heading makes, as forges write it: the same links work here and there. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
