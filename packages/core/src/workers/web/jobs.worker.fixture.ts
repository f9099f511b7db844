// The script of a worker in a page: it exposes its module.

import { expose } from './expose.ts';
import * as jobs from './jobs.fixture.ts';

expose(jobs);
