/**
 * Lets another process ask this one for its tasks: `coloop ps PID`. Imported by the front door for this effect alone. Node
 * keeps it; a bundle for a page, which nobody can attach to, drops it, since the manifest names only the source as needed.
 */
import { offerInspections } from '../kernel/operation/duplicate-copies.ts';
import { measureTasks } from './figures.ts';
import { Inspection } from './inspection.ts';
import { recordAll } from './record-trace.ts';

offerInspections({ inspect: () => new Inspection(), measure: () => measureTasks(), record: recordAll });
