/** A recording in the format HAR 1.2, which browsers and proxies open. Times are milliseconds, sizes are bytes, -1 is unknown. */
export interface Har {
  readonly log: {
    readonly version: '1.2';
    readonly creator: { readonly name: string; readonly version: string };
    readonly entries: readonly HarEntry[];
  };
}

/** One request on the wire: a hop of a redirect and an attempt are entries of their own. */
export interface HarEntry {
  /** ISO 8601. */
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  /** Its comment says how a response came from the session's cache. */
  readonly cache: { readonly comment?: string };
  readonly timings: HarTimings;
  /** Why there is no response. */
  readonly comment?: string;
}

/** A name with its value. */
export interface HarPair {
  readonly name: string;
  readonly value: string;
}

/** What was sent. */
export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarPair[];
  readonly headers: readonly HarPair[];
  readonly queryString: readonly HarPair[];
  readonly postData?: { readonly mimeType: string; readonly text: string; readonly comment?: string };
  readonly headersSize: number;
  readonly bodySize: number;
}

/** What came; status 0 where nothing came. */
export interface HarResponse {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarPair[];
  readonly headers: readonly HarPair[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  readonly bodySize: number;
}

/** The body of a response; its text only where bodies are recorded. */
export interface HarContent {
  readonly size: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: 'base64';
  readonly comment?: string;
}

/** The phases: `blocked` holds every wait before the connection, `connect` the proxy and TLS too. -1 where there was none. */
export interface HarTimings {
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}
