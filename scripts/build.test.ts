import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { withSourceNames } from './build.ts';

test('a class that refers to itself keeps its name in what is built', async () => {
  const source =
    'class Itself { static first = 1; static second = Itself.first + 1; make() { return new Itself(); } }\n';
  const { outputFiles } = await build({
    stdin: { contents: `${source}export { Itself };`, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const built = withSourceNames(outputFiles[0]?.text ?? '');
  const { Itself } = (await import(`data:text/javascript,${encodeURIComponent(built)}`)) as {
    Itself: { new (): { make(): object }; readonly second: number };
  };
  expect(Itself.name).toBe('Itself');
  expect(Itself.second).toBe(2);
  expect(new Itself().make()).toBeInstanceOf(Itself);
});
