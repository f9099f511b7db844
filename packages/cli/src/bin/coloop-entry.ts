#!/usr/bin/env node
import { main } from '@coloop/core/node';
import { coloop } from '../coloop.ts';

await main(function* command() {
  process.exitCode = yield* coloop(process.argv.slice(2));
});
