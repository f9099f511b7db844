/*
 * JSON out of a response: what it is asked for with, the check of its content type, and the check by a schema.
 */
import { type Operation, until } from '@coloop/core';
import { extractContentType } from '../decode/content-type.ts';
import { ClientPayloadError, ContentTypeError, type ResponseErrorDetails } from '../errors.ts';

/** How `json()` reads. */
export interface JsonOptions<T> {
  /** The media type to insist on; null leaves it unchecked. Default: any JSON type. */
  readonly contentType?: string | null | undefined;
  /** Checks and types the value: any Standard Schema validator. */
  readonly schema?: StandardSchema<T> | undefined;
}

/** The part of a Standard Schema (standardschema.dev, version 1) that is used. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a Standard Schema returns. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** The response that JSON is read from, for errors. */
export interface JsonSource {
  readonly url: string;
  errorDetails(): ResponseErrorDetails;
}

// The JSON MIME types of https://mimesniff.spec.whatwg.org/#json-mime-type.
const JSON_TYPE = /^(application\/json|text\/json|[^/]+\/[^/]+\+json)$/;

/**
 * Compares the content type with the one that is wanted; undefined wants any JSON type, null takes what comes.
 *
 * @throws ContentTypeError
 */
export function checkJsonType(source: JsonSource, actual: string | null, wanted: string | null | undefined): void {
  if (wanted === null) return;
  const type = typeOf(actual ?? '');
  const fits = wanted === undefined ? JSON_TYPE.test(type) : type === wanted.trim().toLowerCase();
  if (fits) return;
  const found = actual === null ? 'no content type' : `the content type ${JSON.stringify(actual)}`;
  throw new ContentTypeError(
    `The response of ${source.url} has ${found}, not ${wanted ?? 'JSON'}: check the address, or read it with json({ contentType: null }).`,
    source.errorDetails(),
  );
}

function typeOf(header: string): string {
  // Nearly every header has one value, and of that the parameters do not matter.
  const several = header.includes(',') ? extractContentType(header)?.essence : undefined;
  return several ?? header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** @throws ClientPayloadError if the text is not JSON */
export function parseJson(source: JsonSource, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 40));
    throw new ClientPayloadError(
      `The body of ${source.url} is not JSON: it begins with ${start}. Read it with text() to see all of it.`,
      { ...source.errorDetails(), code: 'INVALID_JSON', cause },
    );
  }
}

/**
 * The value as a schema gives it.
 *
 * @throws ClientPayloadError if it does not match
 */
export function* validated<T>(source: JsonSource, schema: StandardSchema<T>, value: unknown): Operation<T> {
  const validation = schema['~standard'].validate(value);
  const result = validation instanceof Promise ? yield* until(validation) : validation;
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path }) => `${pathOf(path)}${message}`).join('; ');
  throw new ClientPayloadError(`The JSON of ${source.url} does not match the schema: ${issues}.`, {
    ...source.errorDetails(),
    code: 'SCHEMA',
    cause: result.issues,
  });
}

function pathOf(path: readonly unknown[] | undefined): string {
  if (path === undefined || path.length === 0) return '';
  const keys = path.map((key) => (typeof key === 'object' && key !== null && 'key' in key ? key.key : key));
  return `${keys.map(String).join('.')}: `;
}
