import { describe, expect, test } from 'vitest';
import { Redactor } from './secrets.ts';

const redactor = new Redactor(true, ['ticket_number']);

function header(name: string, value: string): string | undefined {
  return redactor.headers([[name, value]])[0]?.value;
}

describe('a secret parameter is left out of a URL', () => {
  test.each([
    ['http://h/?token=s3cret&page=2', 'http://h/?token=(redacted)&page=2'],
    ['http://h/?page=2&Access-Token=s3cret#top', 'http://h/?page=2&Access-Token=(redacted)#top'],
    ['http://h/#access_token=s3cret&state=1', 'http://h/#access_token=(redacted)&state=1'],
    ['http://h/?TicketNumber=s3cret', 'http://h/?TicketNumber=(redacted)'],
    ['http://h/?acc%65ss%5Ftoken=s3cret', 'http://h/?acc%65ss%5Ftoken=(redacted)'],
    ['http://h/a;session=s3cret?page=2', 'http://h/a;session=(redacted)'],
    ['http://h/?page=2;token=s3cret', 'http://h/?page=2;token=(redacted)'],
    ['http://h/?token=', 'http://h/?token=(redacted)'],
    ['http://h/?token=s3=cret==&page=2', 'http://h/?token=(redacted)&page=2'],
    // Whatever a server splits at, both halves belong to the secret.
    ['http://h/?token=s3;cret&page=2', 'http://h/?token=(redacted)&page=2'],
    ['http://h/?token=s3?cret/s3@cret:s3%26cret&page=2', 'http://h/?token=(redacted)&page=2'],
    ['http://h/?page=2&size=3;a=b', 'http://h/?page=2&size=3;a=b'],
    ['http://h/tokens/key?tokens=5&monkey=1', 'http://h/tokens/key?tokens=5&monkey=1'],
  ])('%s', (url, shown) => {
    expect(redactor.url(url)).toBe(shown);
  });
});

describe('also of an address that another one holds', () => {
  test.each([
    ['/login?next=http://h/cb?access_token=s3cret', '/login?next=http://h/cb?access_token=(redacted)'],
    ['/login?next=http://h/cb?a=1&access_token=s3cret&b=2', '/login?next=http://h/cb?a=1&access_token=(redacted)&b=2'],
    ['/login?next=http://h/cb#access_token=s3cret', '/login?next=http://h/cb#access_token=(redacted)'],
    [
      '/login?next=http%3A%2F%2Fh%2Fcb%3Faccess_token%3Ds3cret%26page%3D2&x=1',
      '/login?next=http%3A%2F%2Fh%2Fcb%3Faccess_token%3D(redacted)%26page%3D2&x=1',
    ],
    [
      '/login?next=http%3A%2F%2Fh%3Fa%3D1%26token%3ds3%2526cret&x=1',
      '/login?next=http%3A%2F%2Fh%3Fa%3D1%26token%3d(redacted)&x=1',
    ],
    [
      '/a?next=%2Fb%3Fnext%3D%252Fc%253Ftoken%253Ds3cret%2526d%253D1%26e%3D2',
      '/a?next=%2Fb%3Fnext%3D%252Fc%253Ftoken%253D(redacted)%2526d%253D1%26e%3D2',
    ],
    ['/a?state=token%3Ds3cret%26page%3D2', '/a?state=token%3D(redacted)%26page%3D2'],
    ['/a?next=/b%23access%5Ftoken%3Ds3cret', '/a?next=/b%23access%5Ftoken%3D(redacted)'],
    ['/a?next=http://ada:s3cret@h/', '/a?next=http://h/'],
    ['/a?next=http%3A%2F%2Fada%3As3cret%40h%2Fb', '/a?next=http%3A%2F%2Fh%2Fb'],
    ['/a?next=http%253A%252F%252Fada%253As3%2540cret%2540h%252Fb', '/a?next=http%253A%252F%252Fh%252Fb'],
    ['/a?next=%2F%2Fh%2F%40me&mail=a%40b', '/a?next=%2F%2Fh%2F%40me&mail=a%40b'],
  ])('%s', (url, shown) => {
    expect([redactor.url(url), header('Location', url)]).toEqual([shown, shown]);
    expect(header('Refresh', `0;url=${url}`)).toBe(`0;url=${shown}`);
    expect(header('Link', `<${url}>; rel="next", </b>; rel="last"`)).toBe(`<${shown}>; rel="next", </b>; rel="last"`);
    expect(header('Content-Security-Policy', `default-src 'self'; report-uri ${url} x`)).toBe(
      `default-src 'self'; report-uri ${shown} x`,
    );
  });

  test('in the value of a query', () => {
    const query = new URLSearchParams('next=http%3A%2F%2Fh%2F%3Ftoken%3Ds3cret&page=2&token=s3cret&/b%3Fkey%3Ds3cret');
    expect(redactor.pairs(query)).toEqual([
      { name: 'next', value: 'http://h/?token=(redacted)' },
      { name: 'page', value: '2' },
      { name: 'token', value: '(redacted)' },
      { name: '/b?key=(redacted)', value: '' },
    ]);
  });
});

test('a header that is one URL is that to its end, whatever stands in it', () => {
  expect(header('Location', '/a?token=s3 cret"s3<cret>s3\tcret')).toBe('/a?token=(redacted)');
  expect(header('Refresh', "0; URL='/a?token=s3 cret'")).toBe("0; URL='/a?token=(redacted)");
  expect(header('Refresh', '0;url=/a?token=s3cret')).toBe('0;url=/a?token=(redacted)');
});

test('a text goes on after a URL', () => {
  expect(redactor.url('http://h/?token=s3cret has the status 404')).toBe(
    'http://h/?token=(redacted) has the status 404',
  );
  expect(redactor.url('The URL "http://ada:s3cret@h/?key=s3cret" is long.')).toBe(
    'The URL "http://h/?key=(redacted)" is long.',
  );
});

test('nothing is left out where that is not wanted', () => {
  const open = new Redactor(false, []);
  expect(open.url('http://ada:x@h/?token=y')).toBe('http://ada:x@h/?token=y');
  expect(open.pairs([['token', 'y']])).toEqual([{ name: 'token', value: 'y' }]);
});
