/** Why a run could not be made at all: one sentence that says what to do. */
import { TaskGroupError } from '@coloop/core';
import {
  ClientConnectorError,
  ClientError,
  ClientProxyConnectionError,
  ClientSslError,
  DnsError,
  ProxyResponseError,
  ServerTimeoutError,
} from '@coloop/http';
import { duration, printable } from '../report/format.ts';
import { UsageError } from '../usage-error.ts';

/** The sentence, without its full stop; `undefined` for what is not the fault of the user or the network. */
export function sentenceOf(error: unknown): string | undefined {
  // A group says who failed; here it is the failure itself that counts.
  if (error instanceof TaskGroupError) return sentenceOf(error.cause);
  if (error instanceof UsageError) return error.message;
  return error instanceof ClientError ? printable(clientSentence(error)) : undefined;
}

function clientSentence(error: ClientError): string {
  const host = hostOf(error.request?.url);
  const proxy = hostOf(error.request?.proxy);
  if (error instanceof ProxyResponseError) {
    return error.status === 407
      ? `The proxy ${proxy} refused the name and password that --proxy gives it (407)`
      : `The proxy ${proxy} did not connect to ${host}: it answered ${error.status}`;
  }
  if (error instanceof ClientSslError) {
    return `The certificate of ${host} is not trusted (${error.code}): give its authority with --ca FILE, or use --insecure`;
  }
  if (error instanceof DnsError) return `No address was found for ${host} (${error.code}): ${firstLine(error.message)}`;
  if (error instanceof ClientProxyConnectionError) return `The proxy ${proxy} cannot be reached (${error.code})`;
  if (error instanceof ClientConnectorError) return `${host} cannot be reached (${error.code})`;
  if (error instanceof ServerTimeoutError) {
    const waited = error.timing === undefined ? 'in time' : `within ${duration(error.timing.total)}`;
    return `${host} did not answer ${waited}: --timeout gives it longer`;
  }
  return `${host} cannot be checked: ${firstLine(error.message)}`;
}

function hostOf(url: string | undefined): string {
  if (url === undefined) return 'the site';
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Of an error that tells more: its sentence, without the full stop. */
export function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}
