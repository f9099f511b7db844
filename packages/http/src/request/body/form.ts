import { show } from '@coloop/core/lowlevel';
import { invalid, invalidKind } from '../../checks.ts';
import type { Fields } from '../../fields.ts';
import { BufferedBody } from './buffered.ts';

/** One value of a form field. */
export type FormValue = string | number | bigint | boolean;

/**
 * A form: `URLSearchParams`, pairs, or a record, in which an array gives a field several times and undefined leaves
 * it out.
 */
export type Form =
  | URLSearchParams
  | Iterable<readonly [string, FormValue]>
  | Readonly<Record<string, FormValue | readonly FormValue[] | null | undefined>>
  | Fields;

/**
 * Writes a form as `application/x-www-form-urlencoded`.
 *
 * @throws InvalidOptionError for a value that is not text, a number or a boolean; files belong in `multipart`
 *
 * Source: the URL standard, section 5.2.
 */
export function formBody(form: Form): BufferedBody {
  const text = (form instanceof URLSearchParams ? form : paramsOf(form)).toString();
  return new BufferedBody(new TextEncoder().encode(text), 'application/x-www-form-urlencoded');
}

function paramsOf(form: Exclude<Form, URLSearchParams>): URLSearchParams {
  if (typeof form !== 'object' || form === null) {
    throw invalidKind("The option 'form'", form, 'give a record, pairs or URLSearchParams, or send text as body');
  }
  const params = new URLSearchParams();
  if (Symbol.iterator in form) {
    for (const pair of form as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw invalidKind("An item of the option 'form'", pair, 'give [name, value]');
      }
      params.append(textFor(pair[0], 'The name of a form field'), valueText(pair[1], pair[0]));
    }
    return params;
  }
  for (const [name, value] of Object.entries(form)) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, valueText(item, name));
  }
  return params;
}

function valueText(value: unknown, name: unknown): string {
  return textFor(value, `The form field ${show(String(name))}`);
}

/** @param what - what the value was given as */
function textFor(value: unknown, what: string): string {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  const advice = 'give text, finite numbers or booleans, and files to multipart';
  throw typeof value === 'number' ? invalid(what, value, advice) : invalidKind(what, value, advice);
}
