import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

// One word for each idea, the one that engineers use; the words of a translation or of a picture are refused.
const REFUSED =
  /收拾|善后|撤销|停下来|背着你|没人听|没人接|派生|汇合|归属者|拥有者|等待点|醒来|最后期限|让路|排程|赛跑|护盾|栅栏|频道|会合|反压|去抖|放手|泄露|假时间|等待关系图|保活连接|头域|首部|名字服务器|域名服务器|饼干罐|续接|踪迹|工人|排空|优雅结束|堆栈|跑分|游乐场|毛病|干活/;
const ENGLISH_PAGE = /\[(?!English\])[^\]]*\]\((?![^)]*zh-CN)[^)]*\.md[^)]*\)(?!（英文）)/g;

const pages = [
  'README.zh-CN.md',
  ...readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.zh-CN.md'))
    .map((name) => `docs/${name}`),
];

describe.each(pages)('%s', (page) => {
  const text = readFileSync(new URL(`../${page}`, import.meta.url), 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');

  test('uses the usual words', () => {
    expect(prose.split('\n').filter((line) => REFUSED.test(line))).toEqual([]);
  });

  test('says of every link to an English page that it is one', () => {
    expect(prose.match(ENGLISH_PAGE) ?? []).toEqual([]);
  });
});
