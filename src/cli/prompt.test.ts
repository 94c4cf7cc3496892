import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCli } from './run.ts'
import { type Script, ScriptedServer, World } from './test-world.ts'

const SET_DOC =
  '*2\r\n+set\r\n*4\r\n+summary\r\n+Sets.\r\n+arguments\r\n*2\r\n' +
  '*4\r\n+name\r\n+key\r\n+type\r\n+key\r\n*4\r\n+name\r\n+value\r\n+type\r\n+string\r\n'

const answer: Script = ([name, first]) => {
  switch (name!.toUpperCase()) {
    case 'COMMAND':
      return SET_DOC
    case 'PING':
      return '+PONG\r\n'
    case 'SELECT':
    case 'MULTI':
    case 'SET':
    case 'MONITOR':
      return '+OK\r\n'
    case 'EXEC':
      return '*1\r\n+OK\r\n'
    case 'SUBSCRIBE':
      return `*3\r\n+subscribe\r\n$1\r\n${first}\r\n:1\r\n`
    case 'WAIT':
      return ''
    default:
      return '-ERR unknown\r\n'
  }
}

interface Desk {
  readonly world: World
  readonly server: ScriptedServer
  /** The prompt as it stands in front of a line. */
  readonly prompt: string
  type(keys: string): void
  see(text: string): Promise<string>
}

/** A person at a prompt, who ends with Ctrl-D. */
async function atPrompt(
  use: (desk: Desk) => Promise<void>,
  env: Record<string, string> = {},
  script: Script = answer,
): Promise<number> {
  const server = await ScriptedServer.start(script)
  const world = World.terminal()
  Object.assign(world.env, env)
  try {
    const running = runCli(['-p', server.port], world)
    const prompt = `127.0.0.1:${server.port}`
    await world.stdout.until(`${prompt}> `)
    await use({
      world,
      server,
      prompt,
      type: (keys) => world.stdin.write(keys),
      see: (text) => world.stdout.until(text),
    })
    world.stdin.write('\x04')
    return await running
  } finally {
    await server.stop()
  }
}

test('the prompt says where one is: database, transaction', async () => {
  const status = await atPrompt(async ({ type, see, prompt }) => {
    type('select 3\r')
    await see(`OK\n`)
    await see(`${prompt}[3]> `)
    type('multi\r')
    await see(`${prompt}[3](TX)> `)
    type('exec\r')
    await see('1) OK\n')
    await see(`${prompt}[3]> `)
    type('select 0\r')
    await see(`${prompt}> `)
  })
  assert.equal(status, 0)
})

test('lines that are pasted together run one by one, each behind its prompt', async () => {
  await atPrompt(async ({ type, see, prompt }) => {
    type('ping\rselect 2\rping\r')
    await see('PONG\n')
    await see(`${prompt}> `)
    await see('select 2')
    await see(`OK\n`)
    await see(`${prompt}[2]> `)
    await see('PONG\n')
    await see(`${prompt}[2]> `)
  })
})

test('what is pasted goes where the cursor is', async () => {
  const said: Script = (argv) => (argv[0] === 'COMMAND' ? SET_DOC : `+${argv.join('|')}\r\n`)
  await atPrompt(
    async ({ type, see }) => {
      type('echo a z')
      type('\x1b[D')
      type('pasted ')
      type('\r')
      await see('echo|a|pasted|z\n')
      await see('> ')
      type('two\x01one \x05 three\r')
      await see('one|two|three\n')
    },
    {},
    said,
  )
})

test('a dimmed hint follows the cursor and goes away', async () => {
  await atPrompt(async ({ type, see, world }) => {
    type('set ')
    await see('\x1b[90mkey value\x1b[39m\x1b[9D')
    type('k ')
    await see('\x1b[0K')
    await see('\x1b[90mvalue\x1b[39m\x1b[5D')
    type('v\r')
    await see('OK\n')
    type(':set nohints\r')
    await see('> ')
    type('set k')
    await see('set k')
    assert.doesNotMatch(world.stdout.text, /value/)
    type('\x15')
  })
})

test('a terminal that does not know its width has hints too', async () => {
  await atPrompt(async ({ type, see, world }) => {
    world.stdout.columns = 0
    type('set ')
    type('k v\r')
    assert.ok((await see('OK\n')).includes('\x1b[90mkey value\x1b[39m\x1b[9D'))
  })
})

test('a server without COMMAND DOCS gives no hints and no trouble', async () => {
  const script: Script = (words) => (words[0] === 'COMMAND' ? '-ERR no\r\n' : answer(words))
  await atPrompt(
    async ({ type, see, world }) => {
      type('set ')
      await see('set ')
      type('k v\r')
      assert.doesNotMatch(await see('OK\n'), /value/)
      assert.equal(world.stderr.text, '')
    },
    {},
    script,
  )
})

test('Tab completes a command', async () => {
  await atPrompt(async ({ type, see, server }) => {
    type('se')
    await see('se')
    type('\t')
    await see('t ')
    await see('\x1b[90mkey value\x1b[39m\x1b[9D')
    type('k v\r')
    await see('OK\n')
    assert.deepEqual(server.commands.at(-1), ['set', 'k', 'v'])
  })
})

test('the arrow reaches lines of earlier runs, and secrets stay out of the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  try {
    const file = join(folder, 'history')
    writeFileSync(file, 'ping\n')
    await atPrompt(
      async ({ type, see }) => {
        type('\x1b[A')
        await see('ping')
        type('\r')
        await see('PONG\n')
        await see('> ')
        type('auth secret\r')
        await see('(error)')
        await see('> ')
        type('set k v\r')
        await see('OK\n')
        await see('> ')
      },
      { HOLDFAST_HISTFILE: file },
    )
    assert.equal(readFileSync(file, 'utf8'), 'ping\nset k v\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('messages are shown until a key begins a command; Ctrl-C ends the subscription', async () => {
  await atPrompt(async ({ type, see, prompt, server }) => {
    type('subscribe c\r')
    await see('3) (integer) 1\n')
    await see('Reading messages...')
    server.push('*3\r\n+message\r\n$1\r\nc\r\n$2\r\nhi\r\n')
    await see('3) "hi"\n')
    await see('Reading messages...')
    type('p')
    await see(`${prompt}(subscribed mode)> `)
    await see('p')
    type('ing\r')
    await see('PONG\n')
    await see('Reading messages...')
    type('\x03')
    await see(`${prompt}> `)
  })
})

test('Ctrl-C ends MONITOR and connects anew', async () => {
  await atPrompt(async ({ type, see, prompt, server }) => {
    type('monitor\r')
    await see('OK\n')
    server.push('+1.5 [0 host:1] "get" "k"\r\n')
    await see('1.5 [0 host:1] "get" "k"\n')
    type('\x03')
    await see(`${prompt}> `)
    type('ping\r')
    await see('PONG\n')
  })
})

test('Ctrl-C while a command waits ends the tool with status 1, on an empty line with 0', async () => {
  const waiting = await atPrompt(async ({ type, server }) => {
    type('wait\r')
    // The command must be on its way, or the key would end the line instead.
    await server.received('wait')
    type('\x03')
  })
  assert.equal(waiting, 1)
  const idle = await atPrompt(async ({ type }) => type('\x03'))
  assert.equal(idle, 0)
})

test('a lost server is told, and found again with the next command', async () => {
  await atPrompt(async ({ type, see, prompt, world, server }) => {
    const { port } = server
    await server.stop()
    type('ping\r')
    await world.stderr.until('\n')
    await see('not connected> ')
    const again = await ScriptedServer.start(answer, Number(port))
    try {
      type('ping\r')
      await see('PONG\n')
      await see(`${prompt}> `)
    } finally {
      await again.stop()
    }
  })
})

test('the loop has words of its own: help, clear, connect, quit', async () => {
  const status = await atPrompt(async ({ type, see }) => {
    type('help\r')
    await see('To get help about commands')
    await see('> ')
    type('help set\r')
    await see('Sets.')
    await see('> ')
    type('clear\r')
    await see('\x1b[H\x1b[2J')
    const other = await ScriptedServer.start(answer)
    try {
      type(`connect localhost ${other.port}\r`)
      await see(`localhost:${other.port}> `)
      type('quit\r')
    } finally {
      await other.stop()
    }
  })
  assert.equal(status, 0)
})
