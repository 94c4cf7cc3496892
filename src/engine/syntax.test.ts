import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Argument, countArguments, parseSyntax } from './syntax.ts'

/** A tree in short: `name:kind=TOKEN?*+` with its parts in brackets. */
function short(list: readonly Argument[]): string {
  return list
    .map((argument) => {
      const token = argument.token === undefined ? '' : `=${argument.token}`
      const marks = `${argument.isOptional ? '?' : ''}${argument.isMultiple ? '*' : ''}`
      const again = argument.repeatsToken ? '+' : ''
      const parts = argument.parts.length > 0 ? `(${short(argument.parts)})` : ''
      return `${argument.name}:${argument.kind}${token}${marks}${again}${parts}`
    })
    .join(' ')
}

function parsed(syntax: string): string {
  return short(parseSyntax(syntax))
}

test('no syntax is no arguments', () => {
  assert.equal(parsed(''), '')
})

test('arguments are strings unless they name a type, and key and pattern are their own', () => {
  assert.equal(parsed('key value'), 'key:key value:string')
  assert.equal(parsed('source:key n:integer'), 'source:key n:integer')
  assert.equal(parsed('pattern'), 'pattern:pattern')
})

test('an argument may be shown as something else', () => {
  const [argument] = parseSyntax('addr(ip:port)')
  assert.equal(argument?.name, 'addr')
  assert.equal(argument?.display, 'ip:port')
})

test('a word in capitals is a token, and announces the argument after it', () => {
  assert.equal(parsed('ASC ALPHA'), 'asc:pure-token=ASC alpha:pure-token=ALPHA')
  assert.equal(parsed('EX seconds:integer'), 'seconds:integer=EX')
  assert.equal(
    parsed('MATCH pattern COUNT count:integer'),
    'pattern:pattern=MATCH count:integer=COUNT',
  )
})

test('a sign is a token too, and may be named', () => {
  assert.equal(
    parsed('[=:equal | ~:approximately]:operator *'),
    'operator:oneof?(equal:pure-token== approximately:pure-token=~) *:pure-token=*',
  )
})

test('brackets make choices and blocks, with the name they give', () => {
  assert.equal(
    parsed('[NX | XX]:condition [GET]'),
    'condition:oneof?(nx:pure-token=NX xx:pure-token=XX) get:pure-token=GET?',
  )
  assert.equal(
    parsed('[LIMIT offset:integer count:integer]'),
    'limit:block=LIMIT?(offset:integer count:integer)',
  )
  assert.equal(
    parsed('<STREAMS key [key ...] id [id ...]>:streams'),
    'streams:block=STREAMS(key:key* id:string*)',
  )
  assert.equal(
    parsed('<host port:integer | NO ONE>:args'),
    'args:oneof(host-port:block(host:string port:integer)' +
      ' no-one:block(no:pure-token=NO one:pure-token=ONE))',
  )
  assert.equal(
    parsed('[GET a | [MODE <X | Y>:mode] <SET a b>]'),
    'a-mode-set:oneof?(a:string=GET mode-set:block(mode:oneof=MODE?(x:pure-token=X y:pure-token=Y)' +
      ' set:block=SET(a:string b:string)))',
  )
  assert.equal(
    parsed('<<BY width:integer> height:integer>:box'),
    'box:block(width:integer=BY height:integer)',
  )
  assert.equal(parsed('TYPE <A | B>:t'), 't:oneof=TYPE(a:pure-token=A b:pure-token=B)')
})

test('what stands before a bracket with three full stops may come again', () => {
  assert.equal(parsed('key [key ...]'), 'key:key*')
  assert.equal(parsed('key value [key value ...]'), 'key-value:block*(key:key value:string)')
  assert.equal(parsed('key value [key value ...]:data'), 'data:block*(key:key value:string)')
  assert.equal(parsed('[ID id:integer [id:integer ...]]'), 'id:integer=ID?*')
  assert.equal(parsed('[GET pattern [GET pattern ...]]'), 'pattern:pattern=GET?*+')
  assert.equal(
    parsed('[GET type offset [GET type offset ...]]'),
    'get:block=GET?*+(type:string offset:string)',
  )
  assert.equal(parsed('[arg ...]'), 'arg:string?*')
  assert.equal(parsed('<A | B ...>:ab'), 'ab:oneof*(a:pure-token=A b:pure-token=B)')
})

test('a malformed syntax is refused', () => {
  for (const syntax of ['[key', 'key]', '<a | b', '[]', 'key:colour', 'a |']) {
    assert.throws(() => parseSyntax(syntax), Error, syntax)
  }
})

test('arguments are counted with their words, at least and at most', () => {
  const count = (syntax: string) => countArguments(parseSyntax(syntax))
  assert.deepEqual(count(''), { min: 0, max: 0 })
  assert.deepEqual(count('key value'), { min: 2, max: 2 })
  assert.deepEqual(count('key [EX seconds:integer | KEEPTTL]'), { min: 1, max: 3 })
  assert.deepEqual(count('<host port | NO ONE>'), { min: 2, max: 2 })
  assert.deepEqual(count('key value [key value ...]'), { min: 2, max: Number.POSITIVE_INFINITY })
})
