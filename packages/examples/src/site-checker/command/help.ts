/** What `--help` prints. */
export const HELP = `Checks every link of a site and draws what happened.

  start                        checks a site made of the docs of your installed
                               dependencies, behind a proxy and a DNS server
  start https://any.site/ ...  checks that site; several addresses are one site

Options
  --concurrency N        requests at the same time                  (20)
  --threads N            parses the pages in so many threads        (none)
  --report FILE          where the HTML report goes          (site-report.html)
  --help                 shows this

What is checked
  --depth N              reads pages up to N clicks from the start  (no limit)
  --limit N              asks for at most N addresses               (10000)
  --external             asks for links to other sites too, not for theirs
  --no-fragments         does not look for the places that #fragments name
  --sitemap              also checks the pages of the site's sitemaps
  --include REGEX        only addresses that match; may be repeated
  --exclude REGEX        no addresses that match; may be repeated
  --exclude-file FILE    one such pattern in each line, # begins a comment
  --accept STATUS        a status that is fine too, such as 403; may be repeated
  --max-page SIZE        reads at most this much of a page, as 5MB  (100MB)

How the site is asked
  Each page is asked for once, by GET. A host gets fewer requests at a time when
  it answers slowly. robots.txt and its crawl delay are kept.
  --ignore-robots        does not ask for robots.txt
  --retries N            tries again after 429, 503 with Retry-After, and lost
                         connections                                (2)
  --timeout TIME         for one request, such as 500ms, 10s or 2m  (10s)
  --total-timeout TIME   for the whole run                          (10m)
  --user NAME:PASSWORD   for the pages of the site; also within its address
  --proxy URL            http://user:password@host:port, also https and socks5
  --nameserver IP        asks this DNS server, also IP:PORT; may be repeated
  --ca FILE              trusts the certificates in this PEM file too
  --insecure             does not check certificates
  --gain                 asks for pages again, to measure what concurrency gains

What is told
  --format FORMAT        table, json, junit, sarif or github        (table)
                         all but table print nothing else, and write the HTML
                         report only if --report is given
  --baseline FILE        findings in this file are known and not told again
  --update-baseline      writes the findings of this run into that file
  --config FILE          options as JSON, by name; the command line wins

Exit code: 0 all is well, 1 broken links, or not all was checked (a timeout,
--limit, a page too large, a site that grows for ever), 2 it could not be done,
130 interrupted. On the site made here: 0 every planted fault was found, 1 one
was missed.
`;
