import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run, type Script, ScriptedServer, World } from './test-world.ts'

/** A server that knows a few commands; the others are errors. */
const answer: Script = (words) => {
  const [name, first] = words
  switch (name!.toUpperCase()) {
    case 'PING':
      return '+PONG\r\n'
    case 'ECHO':
      return `$${first!.length}\r\n${first}\r\n`
    case 'ARGS':
      return `*${words.length - 1}\r\n${words
        .slice(1)
        .map((word) => `$${word.length}\r\n${word}\r\n`)
        .join('')}`
    case 'AUTH':
      return words.includes('right') ? '+OK\r\n' : '-WRONGPASS no\r\n'
    case 'SELECT':
      return Number(first) < 16 ? '+OK\r\n' : '-ERR DB index is out of range\r\n'
    case 'MULTI':
    case 'DISCARD':
    case 'SET':
      return '+OK\r\n'
    case 'HELLO':
      return '%1\r\n+proto\r\n:3\r\n'
    case 'SUBSCRIBE':
      return words
        .slice(1)
        .map((channel, at) => `*3\r\n+subscribe\r\n$1\r\n${channel}\r\n:${at + 1}\r\n`)
        .join('')
    case 'HANGUP':
    case 'SHUTDOWN':
      return undefined
    default:
      return `-ERR unknown command '${name}'\r\n`
  }
}

async function withServer(use: (server: ScriptedServer) => Promise<void>, script: Script = answer) {
  const server = await ScriptedServer.start(script)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

test('a single command prints its reply and exits with 0, or 1 when it was an error', async () => {
  await withServer(async ({ port }) => {
    assert.deepEqual(await run(['-p', port, 'PING']), { status: 0, out: 'PONG\n', err: '' })
    assert.deepEqual(await run(['-p', port, '--no-raw', 'NOPE']), {
      status: 1,
      out: "(error) ERR unknown command 'NOPE'\n",
      err: '',
    })
  })
})

test('-e stops at an error and tells it on standard error', async () => {
  await withServer(async (server) => {
    const outcome = await run(['-p', server.port, '-e', '-r', '3', 'NOPE'])
    assert.deepEqual(outcome, { status: 1, out: '', err: "ERR unknown command 'NOPE'\n" })
    assert.equal(server.commands.length, 1)
  })
})

test('no connection is one line and status 1, in every mode', async () => {
  const server = await ScriptedServer.start(answer)
  const { port } = server
  await server.stop()
  const err = `Could not connect to Redis at 127.0.0.1:${port}: Connection refused\n`
  for (const argv of [['PING'], ['--pipe'], ['--scan'], ['--stat'], ['--latency'], ['--bigkeys']]) {
    assert.deepEqual(await run(['-p', port, ...argv]), { status: 1, out: '', err }, argv[0])
  }
  assert.equal((await run(['-p', port])).status, 1)
})

test('a link that breaks is told, and SHUTDOWN is no error', async () => {
  await withServer(async ({ port }) => {
    const err = 'Error: Server closed the connection\n'
    assert.deepEqual(await run(['-p', port, 'HANGUP']), { status: 1, out: '', err })
    assert.deepEqual(await run(['-p', port, 'SHUTDOWN']), { status: 0, out: '', err: '' })
  })
})

test('a server that speaks something else is told, not trusted', async () => {
  const script: Script = () => 'HTTP/1.1 400 Bad Request\r\n'
  await withServer(async ({ port }) => {
    const { status, err } = await run(['-p', port, 'PING'])
    assert.equal(status, 1)
    assert.match(err, /^Error: Protocol error, got "H" as reply type byte\n$/)
  }, script)
})

test('the connection is logged in, put on its database and on RESP3 before the command', async () => {
  await withServer(async (server) => {
    const uri = `redis://me:right@127.0.0.1:${server.port}/5`
    const outcome = await run(['-u', uri, '--no-auth-warning', '-3', 'PING'])
    assert.deepEqual(outcome, { status: 0, out: 'PONG\n', err: '' })
    assert.deepEqual(server.commands, [
      ['AUTH', 'me', 'right'],
      ['SELECT', '5'],
      ['HELLO', '3'],
      ['PING'],
    ])
  })
})

test('a password comes from the option, or else from the environment', async () => {
  await withServer(async (server) => {
    const world = new World('')
    world.env.REDISCLI_AUTH = 'right'
    assert.equal((await run(['-p', server.port, 'PING'], world)).err, '')
    const told = await run(['-p', server.port, '-a', 'wrong', 'PING'])
    assert.match(told.err, /^Warning: Using a password .*\nAUTH failed: WRONGPASS no\n$/)
    assert.deepEqual(
      server.commands.filter(([name]) => name === 'AUTH'),
      [
        ['AUTH', 'right'],
        ['AUTH', 'wrong'],
      ],
    )
  })
})

test('a command for a database that cannot be had is not sent, and the status is 1', async () => {
  await withServer(async ({ port, commands }) => {
    assert.deepEqual(await run(['-p', port, '-n', '99', 'SET', 'k', 'v']), {
      status: 1,
      out: '',
      err: 'SELECT 99 failed: ERR DB index is out of range\n',
    })
    const uri = `redis://me:wrong@127.0.0.1:${port}/5`
    const { status, err } = await run(['-u', uri, '--no-auth-warning', 'SET', 'k', 'v'])
    assert.deepEqual({ status, err }, { status: 1, err: 'AUTH failed: WRONGPASS no\n' })
    assert.deepEqual(
      commands.filter(([name]) => name === 'SET'),
      [],
    )
  })
})

test('--askpass takes the password from standard input', async () => {
  await withServer(async (server) => {
    await run(['-p', server.port, '--askpass', 'PING'], new World('right\n'))
    assert.deepEqual(server.commands[0], ['AUTH', 'right'])
  })
})

test('-x and -X take an argument from standard input, byte for byte', async () => {
  const bytes = Buffer.from('a\0\xff\r\n', 'latin1')
  await withServer(async (server) => {
    await run(['-p', server.port, '-x', 'SET', 'k'], new World(bytes))
    await run(['-p', server.port, '-X', 'TAG', 'SET', 'TAG', 'v'], new World(bytes))
    assert.deepEqual(server.commands, [
      ['SET', 'k', 'a\0\xff\r\n'],
      ['SET', 'a\0\xff\r\n', 'v'],
    ])
    const missing = await run(['-p', server.port, '-X', 'TAG', 'PING'], new World(bytes))
    assert.equal(missing.status, 1)
  })
})

test('-r repeats the command', async () => {
  await withServer(async ({ port }) => {
    assert.equal((await run(['-p', port, '-r', '3', 'PING'])).out, 'PONG\nPONG\nPONG\n')
    assert.equal((await run(['-p', port, '-r', '0', 'PING'])).out, '')
  })
})

test('lines of a pipe are commands with quoting, repetition and words of the loop', async () => {
  const input = 'ECHO "a\\x41\\n"\n\n3 PING\nSELECT 2\n:set nohints\nECHO \'last\''
  await withServer(async (server) => {
    const outcome = await run(['-p', server.port, '--no-raw'], new World(input))
    const out = '"aA\\n"\nPONG\nPONG\nPONG\nOK\n"last"\n'
    assert.deepEqual(outcome, { status: 0, out, err: '' })
    const stopped = await run(['-p', server.port], new World('PING\nexit\nPING\n'))
    assert.equal(stopped.out, 'PONG\n')
  })
})

test('a pipe goes on after errors, and its exit status tells of them', async () => {
  await withServer(async ({ port }) => {
    for (const bad of ['NOPE', '"open', '0 PING', 'HANGUP']) {
      const outcome = await run(['-p', port], new World(`${bad}\nPING\n`))
      assert.equal(outcome.status, 1, bad)
      assert.match(outcome.out, /PONG\n$/, bad)
    }
  })
})

test('a subscription shows its confirmations and what is published', async () => {
  await withServer(async (server) => {
    const world = new World()
    const running = run(['-p', server.port, '--csv', 'SUBSCRIBE', 'a', 'b'], world)
    await world.stdout.until('"b",2\n')
    server.push('*3\r\n+message\r\n$1\r\na\r\n$2\r\nhi\r\n')
    assert.equal(await world.stdout.until('"hi"\n'), '"message","a","hi"\n')
    await server.stop()
    assert.equal((await running).status, 1)
  })
})

test('pushes keep their place among replies, and can be left out', async () => {
  const script: Script = ([name]) =>
    name === 'PING' ? '+PONG\r\n>2\r\n+news\r\n:1\r\n' : answer([name!])
  await withServer(async ({ port }) => {
    const input = 'PING\nSET\n'
    const shown = await run(['-p', port, '-3', '--show-pushes', 'y'], new World(input))
    assert.equal(shown.out, 'PONG\nnews\n1\nOK\n')
    const hidden = await run(['-p', port, '-3'], new World(input))
    assert.equal(hidden.out, 'PONG\nOK\n')
  }, script)
})

test('--eval sends a file with keys and arguments apart at the comma', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  try {
    const file = join(folder, 'script.lua')
    writeFileSync(file, 'return 1\n')
    await withServer(async (server) => {
      await run(['-p', server.port, '--eval', file, 'k1', 'k2', ',', 'a1'])
      await run(['-p', server.port, '--eval', file])
      assert.deepEqual(server.commands, [
        ['EVAL', 'return 1\n', '2', 'k1', 'k2', 'a1'],
        ['EVAL', 'return 1\n', '0'],
      ])
      const { status, err } = await run(['-p', server.port, '--eval', join(folder, 'none')])
      assert.equal(status, 1)
      assert.match(err, /^Can't open file '.*none': No such file or directory\n$/)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('-c is accepted and says that there is no cluster mode', async () => {
  await withServer(async ({ port }) => {
    const { status, out, err } = await run(['-p', port, '-c', 'PING'])
    assert.deepEqual([status, out], [0, 'PONG\n'])
    assert.match(err, /^Cluster mode .* not there yet.*\n$/)
  })
})

test('--help and --version need no server, nonsense is one line and status 1', async () => {
  assert.match((await run(['--help'])).out, /^Usage: holdfast cli/)
  assert.match((await run(['--version'])).out, /^holdfast cli \d+\.\d+\.\d+/)
  const { status, out, err } = await run(['--bogus'])
  assert.deepEqual([status, out], [1, ''])
  assert.equal(err, "Unrecognized option or bad number of args for: '--bogus'\n")
})

test('a reader that goes away ends the tool', async () => {
  await withServer(async ({ port }) => {
    const world = new World('')
    world.stdout._write = (_chunk: Uint8Array, _encoding: string, done: (e?: Error) => void) =>
      done(new Error('EPIPE'))
    assert.equal((await run(['-p', port, '-r', '-1', 'PING'], world)).status, 141)
  })
})
