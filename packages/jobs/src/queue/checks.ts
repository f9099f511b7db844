import { show } from '@coloop/core/lowlevel';
import type { Engine } from '../engine.ts';

export function checkQueueName(what: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new TypeError(`${what} takes the name of a queue, not ${name === '' ? 'an empty one' : show(name)}.`);
}

export function checkEngine(what: string, engine: unknown): Engine {
  if (typeof engine === 'object' && engine !== null && 'open' in engine && 'limit' in engine) return engine as Engine;
  throw new TypeError(`${what}: the option 'engine' takes an engine, such as \`memoryEngine()\`, not ${show(engine)}.`);
}
