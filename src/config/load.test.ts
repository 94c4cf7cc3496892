import assert from 'node:assert/strict'
import test from 'node:test'
import { SimulatedDisk } from '../host/index.ts'
import { readCommandLine } from './command-line.ts'
import { Config } from './config.ts'
import { includeFrom } from './include.ts'
import { ConfigError, type ConfigSource } from './load.ts'

function failure(source: ConfigSource): ConfigError {
  try {
    Config.parse(source)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  assert.fail('the configuration was accepted')
}

test('a file is read line by line, with comments, quotes, aliases and any case', () => {
  const { values } = Config.parse({
    text: '# c\n\n  PORT 7000\r\nslave-read-only no\nmasterauth "a\\xff b"\nignore-warnings \'x\'',
  })
  assert.equal(values.port, 7000)
  assert.equal(values.replicaReadOnly, false)
  assert.equal(values.masterauth, 'a\xff b')
  assert.equal(values.ignoreWarnings, 'x')
})

test('the command line comes after the file', () => {
  const { values } = Config.parse({ text: 'port 1\nhz 20', argv: ['--port', '2'] })
  assert.deepEqual([values.port, values.hz], [2, 20])
})

test('values run to the next directive, may be in one argument, and may begin with dashes', () => {
  const { values } = Config.parse({
    argv: ['--bind', '::1', '1.2.3.4', '--SAVE 60 1', '--masterauth', '--x', '--hz', '7'],
  })
  assert.deepEqual(values.bind, ['::1', '1.2.3.4'])
  assert.deepEqual(values.save, [{ seconds: 60, changes: 1 }])
  assert.equal(values.masterauth, '--x')
  assert.equal(values.hz, 7)
})

test('save lines add up, the first one replacing the defaults', () => {
  const points = (source: ConfigSource) => Config.parse(source).get(['save'])[0]![1]
  assert.equal(points({ text: 'save 1 2\nsave 3 4', argv: ['--save', '5', '6'] }), '1 2 3 4 5 6')
  assert.equal(points({ text: 'save 1 2\nsave ""\nsave 3 4' }), '3 4')
  assert.equal(points({ text: 'save "60 1 30 2"' }), '60 1 30 2')
  for (const argv of [['--save', ''], ['--save'], ['--save', '--port', '1']]) {
    assert.equal(points({ argv }), '')
  }
})

test('a folder is seen from the one before it', () => {
  const { values } = Config.parse({ cwd: '/srv', text: 'dir data\ndir ./deep/' })
  assert.equal(values.dir, '/srv/data/deep')
  assert.equal(Config.parse({ cwd: '/srv', argv: ['--dir', '/x/'] }).values.dir, '/x')
})

test('a folder that is named must be there, unless a default names it', () => {
  const asked: string[] = []
  const source = {
    cwd: '/srv',
    defaults: ['--dir', '/made'],
    refuseFolder(path: string) {
      asked.push(path)
      return path.endsWith('none') ? 'No such file or directory' : undefined
    },
  }
  assert.equal(Config.parse(source).values.dir, '/made')
  assert.deepEqual(asked, [])
  assert.equal(Config.parse({ ...source, text: 'dir a\ndir b' }).values.dir, '/srv/a/b')
  assert.deepEqual(asked, ['/srv/a', '/srv/a/b'])
  const error = failure({ ...source, text: 'dir a\ndir none\ndir /', path: 'x.conf' })
  assert.equal(
    error.message,
    "Bad configuration in x.conf at line 2, 'dir none': No such file or directory",
  )
  assert.equal(failure({ text: 'dir ""' }).reason, 'No such file or directory')
})

test('names of files are Unicode, on the command line and in a file', () => {
  assert.equal(Config.parse({ argv: ['--logfile', 'é.log'] }).values.logfile, 'é.log')
  const config = Config.parse({ text: 'logfile \xc3\xa9.log' })
  assert.equal(config.values.logfile, 'é.log')
  assert.deepEqual(config.get(['logfile']), [['logfile', '\xc3\xa9.log']])
})

test('users and renamed commands are handed on', () => {
  const { extras } = Config.parse({
    text: 'user alice on >p\nrename-command FLUSHALL ""\nlist-max-ziplist-entries 5',
  })
  assert.deepEqual(extras.users, [['alice', 'on', '>p']])
  assert.deepEqual(extras.renames, [{ from: 'FLUSHALL', to: '' }])
})

test('what is wrong in a file is said in one line with file, line number and line', () => {
  const error = failure({ path: 'x.conf', text: '\n  port abc \nhz' })
  assert.equal(
    error.message,
    "Bad configuration in x.conf at line 2, 'port abc': argument couldn't be parsed into an integer",
  )
  assert.deepEqual(
    [error.path, error.line, error.text, error.reason],
    ['x.conf', 2, 'port abc', "argument couldn't be parsed into an integer"],
  )
})

test('what is wrong in the arguments is said with the argument', () => {
  const error = failure({ argv: ['--hz', '5', '--port'] })
  assert.equal(
    error.message,
    "Bad configuration in the arguments, 'port': wrong number of arguments",
  )
  assert.equal(error.line, undefined)
})

test('each way of being wrong has its reason', () => {
  const reasons: Record<string, string> = {
    nope: 'Bad directive or wrong number of arguments',
    'nope 1': 'Bad directive or wrong number of arguments',
    include: 'Bad directive or wrong number of arguments',
    'list-max-ziplist-entries': 'Bad directive or wrong number of arguments',
    'port 1 2': 'wrong number of arguments',
    'port "1': 'Unbalanced quotes in configuration line',
    'save 1': 'Invalid save parameters',
    'sentinel x y': 'sentinel directive while not in sentinel mode',
    'loadmodule /x.so': 'Modules are not supported',
    'a.b 1': 'Modules are not supported',
    'cluster-enabled yes\nreplicaof a 1': 'replicaof directive not allowed in cluster mode',
  }
  for (const [text, reason] of Object.entries(reasons)) {
    assert.equal(failure({ text }).reason, reason, text)
  }
})

test('a cluster has one database', () => {
  const { values } = Config.parse({ text: 'cluster-enabled yes\ndatabases 5' })
  assert.equal(values.databases, 1)
})

test('an error in an included file names that file, and includes end somewhere', () => {
  const disk = new SimulatedDisk()
  disk.put('/a.conf', 'hz 7\nport x')
  disk.put('/loop.conf', 'include /loop.conf')
  const readInclude = includeFrom(disk)
  const inner = failure({ path: 'x.conf', text: 'include /a.conf', readInclude })
  assert.deepEqual([inner.path, inner.line], ['/a.conf', 2])
  assert.match(failure({ text: 'include /loop.conf', readInclude }).reason, /^Too many includes/)
  assert.equal(
    failure({ text: 'include /b.conf', readInclude }).reason,
    "can't open config file '/b.conf': No such file or directory",
  )
})

test('a wildcard includes the files that match, by name, and may match none', () => {
  const disk = new SimulatedDisk()
  disk.makeFolder('/etc/conf.d')
  disk.put('/etc/conf.d/b.conf', 'hz 8\n')
  disk.put('/etc/conf.d/a.conf', 'hz 7\ntimeout 1\n')
  disk.put('/etc/conf.d/c.txt', 'broken')
  disk.put('/etc/conf.d/.h.conf', 'broken')
  const { values } = Config.parse({
    text: 'include /etc/conf.d/*.conf\ninclude /etc/conf.d/*.none\ninclude /none/*.conf',
    readInclude: includeFrom(disk),
  })
  assert.deepEqual([values.hz, values.timeout], [8, 1])
})

test('the program takes a file first, a dash at either end, and directives', () => {
  assert.deepEqual(readCommandLine([]), { stdin: false, options: [] })
  assert.deepEqual(readCommandLine(['x.conf', '--port', '1', '-']), {
    file: 'x.conf',
    stdin: true,
    options: ['--port', '1'],
  })
  assert.deepEqual(readCommandLine(['-', '--logfile', '-', '--hz', '1']), {
    stdin: true,
    options: ['--logfile', '-', '--hz', '1'],
  })
})

test('defaults of the start are overruled by the file, and that by the arguments', () => {
  const defaults = ['--hz', '7', '--timeout', '7', '--port', '7']
  const { values } = Config.parse({ defaults, text: 'timeout 8\nport 8', argv: ['--port', '9'] })
  assert.deepEqual([values.hz, values.timeout, values.port], [7, 8, 9])
  assert.equal(failure({ defaults, text: '# one\nport x' }).line, 2)
})
