import { type Operation, sleep } from '@coloop/core';

/** How far the work is. */
export interface TreeProgress {
  bytes: number;
  readonly ofBytes: number;
  files: number;
  readonly ofFiles: number;
}

const WIDTH = 30;
const CLEAR = '\r\u{1b}[2K';

export function bar({ bytes, ofBytes, files, ofFiles }: TreeProgress): string {
  const part = ofBytes === 0 ? 1 : bytes / ofBytes;
  const full = Math.round(part * WIDTH);
  const mebibytes = (ofBytes / 2 ** 20).toFixed(1);
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${Math.floor(part * 100)} % of ${mebibytes} MiB, ${files} of ${ofFiles} files`;
}

/** Draws the bar on a terminal until it is cancelled. */
export function* showBar(
  progress: TreeProgress,
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
): Operation<never> {
  try {
    for (;;) {
      if (output.isTTY) output.write(CLEAR + bar(progress));
      yield* sleep(50);
    }
  } finally {
    if (output.isTTY) output.write(CLEAR);
  }
}
