/** The embedded world as a resource: it ends with the scope that acquired it. */
import { type Resource, resource, until } from '@coloop/core';
import { startWorld, type World } from './world.ts';

/** @param root a folder with `node_modules` in it: its Markdown is the site */
export function embeddedWorld(root: string): Resource<World> {
  return resource(function* (provide) {
    // Should the start be cancelled half way, the world that comes late is closed too.
    const world = yield* until(() => startWorld({ root }), { late: (late) => void late.close() });
    try {
      yield* provide(world);
    } finally {
      yield* until(world.close());
    }
  });
}
