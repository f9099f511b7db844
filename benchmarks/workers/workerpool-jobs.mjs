import workerpool from 'workerpool';
import { compute, empty, nap, touch } from './jobs.mjs';

const bounce = (bytes) => new workerpool.Transfer(touch(bytes), [bytes.buffer]);

workerpool.worker({ empty, nap, compute, bounce });
