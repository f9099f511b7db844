import { inject } from 'vitest';
import { webConformance, webSocketConformance } from '../fixtures/web-conformance.ts';

webConformance('Chromium', 'browser', () => inject('webOrigin'));
webSocketConformance('Chromium', () => inject('webOrigin'));
