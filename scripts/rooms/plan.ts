// The plan of the house: the rooms of each package from the ground up, and behind each room those that it imports.
// An arrow points only to a room listed earlier, so no circle can be written down. Every arrow is used: take out what is not.

/** What may be imported from where in one package. */
export interface Plan {
  /** Files that export to users: they import everything and nothing imports them. */
  readonly doors: readonly string[];
  /** The rooms, lowest first, with the rooms that each imports. */
  readonly rooms: ReadonlyMap<string, readonly string[]>;
  /** For modules of other packages, the rooms or files that may import them. */
  readonly foreign: readonly { readonly module: RegExp; readonly from: RegExp; readonly why: string }[];
  /** The files that may ask the host for time and chance. */
  readonly host: RegExp;
}

/**
 * Reads rooms from a table with one room per line: `room: the rooms it imports`. A line with `#` is a heading.
 * A room is a folder without the folders inside it, which are rooms of their own, or a file at the top. A single file of a
 * folder is listed where it stands lower than the rest of its room; an arrow to the room counts for it, too.
 */
export function roomsOf(table: string): ReadonlyMap<string, readonly string[]> {
  const lines = table.split('\n').map((line) => line.trim());
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [room = '', arrows = ''] = line.split(':');
        return [room, arrows.split(' ').filter((arrow) => arrow !== '')];
      }),
  );
}

const corePlan: Plan = {
  doors: [
    'index.ts',
    'lowlevel.ts',
    'testing/index.ts',
    'inspect/index.ts',
    'node/index.ts',
    'workers/index.ts',
    'lint/index.ts',
  ],
  rooms: roomsOf(`
    stack-limit.ts:
    stack-frames.ts:
    errors.ts:        stack-limit.ts stack-frames.ts
    # The kernel: it alone touches the private state of a task.
    kernel/clock:
    kernel/stack:     stack-limit.ts stack-frames.ts errors.ts
    kernel/operation: errors.ts kernel/stack
    kernel/report:    stack-limit.ts stack-frames.ts kernel/operation
    kernel/scope:     errors.ts kernel/clock kernel/stack kernel/operation kernel/report
    kernel/task:      errors.ts kernel/clock kernel/stack kernel/operation kernel/report kernel/scope
    kernel/scheduler: errors.ts kernel/clock kernel/stack kernel/operation kernel/report kernel/task
    # The words.
    time:             errors.ts kernel/clock kernel/stack kernel/operation kernel/scope kernel/task kernel/scheduler
    tasks:            errors.ts kernel/clock kernel/operation kernel/scope kernel/task kernel/scheduler
    resources:        errors.ts kernel/operation kernel/report kernel/scope kernel/task
    sync:             errors.ts kernel/operation kernel/scope kernel/task
    channels:         errors.ts kernel/operation kernel/scope kernel/task
    policy:           kernel/clock kernel/operation kernel/task time
    generators:       errors.ts kernel/operation kernel/scope kernel/task
    bridge:           errors.ts kernel/stack kernel/operation kernel/scope kernel/task kernel/scheduler time channels
    streams:          errors.ts kernel/stack kernel/operation kernel/scope kernel/task time tasks sync channels bridge
    # What stands beside the words, each behind a door of its own.
    inspect:          stack-limit.ts stack-frames.ts kernel/clock kernel/operation kernel/report kernel/scope kernel/task kernel/scheduler time
    # Workers: what both ends know, then each end, then what carries the messages.
    workers:          errors.ts kernel/clock kernel/operation kernel/scheduler
    workers/guest:    kernel/stack kernel/operation kernel/scheduler kernel/task time resources bridge streams workers
    workers/pool:     errors.ts kernel/clock kernel/operation kernel/report kernel/scope kernel/scheduler kernel/task time tasks resources channels streams workers
    testing/workers:  kernel/clock kernel/operation kernel/scheduler kernel/task workers workers/guest
    testing:          errors.ts kernel/clock kernel/stack kernel/operation kernel/report kernel/task kernel/scheduler inspect testing/workers
    testing/explore:  errors.ts kernel/clock kernel/stack kernel/operation kernel/task kernel/scheduler testing
    workers/web:      kernel/clock kernel/operation kernel/scheduler workers workers/guest workers/pool
    node/workers:     kernel/clock kernel/scheduler kernel/task workers workers/guest
    node/streams:     errors.ts kernel/clock kernel/operation kernel/scope kernel/task kernel/scheduler
    node/processes:   kernel/clock kernel/operation kernel/scope kernel/task tasks streams node/streams
    node/sockets:     kernel/operation kernel/scope kernel/task kernel/scheduler tasks resources sync node/streams
    node/inspect:     kernel/operation inspect node/sockets
    node:             errors.ts kernel/clock kernel/stack kernel/operation kernel/report kernel/scope kernel/task kernel/scheduler sync bridge workers workers/pool node/workers node/inspect
    lint:             kernel/operation
  `),
  foreign: [
    { module: /^node:/, from: /^node\//, why: "only the room 'node' may need Node" },
    { module: /^(?!node:|typed-emitter$)/, from: /^$/, why: 'the core has no dependencies' },
  ],
  host: /^(kernel\/clock|node)\//,
};

const httpPlan: Plan = {
  doors: ['index.ts', 'browser.ts', 'testing/index.ts'],
  rooms: roomsOf(`
    # The ground: rules without state.
    timing.ts:
    redact.ts:
    limits.ts:
    waits.ts:
    errors.ts:    timing.ts redact.ts
    checks.ts:    errors.ts
    fields.ts:
    inspect.ts:
    headers.ts:   fields.ts inspect.ts errors.ts checks.ts
    # A request and its response, on every platform.
    bytes:        errors.ts
    decode:       limits.ts waits.ts errors.ts bytes
    response:     timing.ts inspect.ts limits.ts waits.ts errors.ts checks.ts bytes decode
    request/body: fields.ts waits.ts errors.ts checks.ts headers.ts bytes decode
    request:      timing.ts fields.ts inspect.ts redact.ts limits.ts errors.ts checks.ts headers.ts response request/body
    sse:          limits.ts errors.ts checks.ts bytes decode response
    call:         timing.ts waits.ts errors.ts response request
    cookies:      redact.ts errors.ts checks.ts headers.ts response request
    auth:         errors.ts checks.ts response request
    # Sockets and the wire, and what is built on them.
    connect:      timing.ts redact.ts limits.ts waits.ts errors.ts checks.ts headers.ts request
    pool:         timing.ts waits.ts errors.ts checks.ts connect
    download:     errors.ts checks.ts bytes response request
    middleware:   redact.ts limits.ts errors.ts checks.ts headers.ts response request auth
    pages:        redact.ts errors.ts checks.ts request response middleware
    exchange:     waits.ts errors.ts response request/body request call connect pool
    http1:        waits.ts errors.ts checks.ts headers.ts response request/body request call connect exchange
    http2:        waits.ts errors.ts checks.ts headers.ts response request/body request call connect exchange
    transport:    waits.ts errors.ts decode response request/body request call cookies connect pool exchange http1 http2
    cache:        errors.ts checks.ts bytes decode response request call
    websocket:    inspect.ts limits.ts waits.ts errors.ts checks.ts headers.ts response request cookies connect
    testing:      waits.ts errors.ts checks.ts request connect
    # The session, and what each platform makes of it.
    recording:    timing.ts redact.ts inspect.ts errors.ts checks.ts bytes decode request/body request call
    session:      inspect.ts waits.ts errors.ts checks.ts headers.ts response request/body request sse call auth middleware websocket
    node:         waits.ts checks.ts headers.ts decode response request/body request call cookies auth connect pool download middleware transport websocket session
    web:          waits.ts errors.ts checks.ts response request/body request call cookies middleware websocket session
  `),
  foreign: [
    { module: /^undici/, from: /^http1\//, why: "only the room 'http1' may call undici" },
    {
      module: /^@coloop\/core\/(?!lowlevel$)/,
      from: /^testing\//,
      why: "the client uses the core's front door and lowlevel",
    },
    { module: /^@coloop\/test-servers/, from: /^$/, why: 'what is published needs no test servers' },
  ],
  host: /^testing\//,
};

const jobsPlan: Plan = {
  doors: ['index.ts'],
  rooms: roomsOf(`
    errors.ts:
    engine.ts:
    values:    errors.ts
    rules:     errors.ts engine.ts
    memory:    errors.ts engine.ts values rules
    bullmq:    errors.ts engine.ts values rules
    queue/checks.ts: engine.ts
    worker:    engine.ts values memory queue/checks.ts
    queue:     errors.ts engine.ts values memory worker
  `),
  foreign: [{ module: /^node:/, from: /^$/, why: 'jobs in memory need no Node' }],
  // Of other machines only the wall clock is the same.
  host: /^bullmq\//,
};

const cliPlan: Plan = {
  doors: ['index.ts', 'bin/coloop-entry.ts'],
  rooms: roomsOf(`
    command.ts:
    options.ts: command.ts
    # A process that was not prepared for it is looked at.
    attach:    command.ts
    # One file for each command.
    commands:  command.ts options.ts attach
    coloop.ts: command.ts commands
  `),
  foreign: [],
  host: /^$/,
};

const examplesPlan: Plan = {
  doors: [],
  rooms: roomsOf(`
    shared:
    site-checker/world:  shared
    site-checker/usage-error.ts:
    site-checker/text-file.ts: site-checker/usage-error.ts
    site-checker/addresses:
    site-checker/report: shared
    site-checker/politeness:
    site-checker/parsing: site-checker/addresses
    site-checker/crawl:  site-checker/usage-error.ts site-checker/addresses site-checker/parsing site-checker/report site-checker/politeness
    site-checker/output: site-checker/usage-error.ts site-checker/text-file.ts site-checker/report site-checker/crawl
    site-checker/command: site-checker/usage-error.ts site-checker/text-file.ts site-checker/report site-checker/crawl site-checker/output site-checker/world
    site-checker:        site-checker/command
    programs/threads:    shared
    programs/all-cores: shared
    programs/hash-tree:
    programs:            shared programs/threads programs/all-cores programs/hash-tree
    recipes:
  `),
  foreign: [{ module: /^@coloop\/core\/lowlevel$/, from: /^$/, why: 'examples are written with public words only' }],
  host: /^(programs|recipes|site-checker\/world)\/|^site-checker\/command\/run\.ts$/,
};

const testServersPlan: Plan = {
  doors: ['index.ts', 'resources.ts', 'vitest.ts'],
  rooms: roomsOf(`
    certificates.ts:
    closable.ts:
    folder.ts:      closable.ts
    server.ts:      closable.ts
    http.ts:        certificates.ts server.ts
    web-sockets.ts: certificates.ts server.ts
    name-server.ts: closable.ts
    proxies:        certificates.ts server.ts http.ts
    ports.ts:       http.ts
    programs:       closable.ts folder.ts ports.ts
  `),
  foreign: [
    { module: /^@coloop\//, from: /^resources\.ts$/, why: 'only the servers as resources need the core' },
    { module: /^vitest$/, from: /^vitest\.ts$/, why: 'only the servers for tests need vitest' },
  ],
  host: /./,
};

/** The plan of each package, by its folder below `packages`. */
export const plans: Readonly<Record<string, Plan>> = {
  core: corePlan,
  http: httpPlan,
  jobs: jobsPlan,
  cli: cliPlan,
  examples: examplesPlan,
  'test-servers': testServersPlan,
};
