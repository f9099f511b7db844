import { fileURLToPath } from 'node:url';
import { goProgram } from '../harness/go.ts';
import { pythonProgram } from '../harness/python.ts';

/** CPython's asyncio. */
export const asyncio = pythonProgram(
  fileURLToPath(new URL('./peers.py', import.meta.url)),
  'import asyncio; asyncio.timeout',
  'asyncio.timeout (3.11)',
);

/** Go. */
export const go = goProgram(fileURLToPath(new URL('./peers.go', import.meta.url)));
