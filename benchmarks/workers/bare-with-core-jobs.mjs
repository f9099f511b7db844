// The same, which loads what a worker of ours loads: its start is compared with this.
import './coloop-jobs.mjs';
import './bare-jobs.mjs';
