import { afterAll, beforeAll } from 'vitest';
import { webConformance } from '../fixtures/web-conformance.ts';
import { startWebServer, type WebServer } from '../fixtures/web-server.ts';

let server: WebServer;
beforeAll(async () => {
  server = await startWebServer();
});
afterAll(() => server.close());

webConformance('the fetch of Node', 'server', () => server.origin);
