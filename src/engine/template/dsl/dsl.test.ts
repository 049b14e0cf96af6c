import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDsl, parseText } from '#core/template/parse-text.ts'
import { evaluate, fill, holds } from './evaluate.ts'
import { settle } from './outside.ts'
import { Asked, chanceOf, NoValue, valuesOver, type Scope, type Value } from './scope.ts'

const at = Date.UTC(2022, 5, 10, 14, 18, 0)
const scope = (values: Readonly<Record<string, Value>> = {}): Scope => ({ get: valuesOver(values), chance: chanceOf(1), now: at })
const value = (source: string, values?: Readonly<Record<string, Value>>): Value => evaluate(parseDsl(source), scope(values))

/** Results as the documentation of the language and its own tests tell them. */
const documented: readonly (readonly [string, Value])[] = [
  ['base64("Hello")', 'SGVsbG8='], ['base64(1234)', 'MTIzNA=='], ['base64_py("Hello")', 'SGVsbG8=\n'], ['base64_decode("SGVsbG8=")', 'Hello'], ['hex_encode("aa")', '6161'], ['hex_decode("6161")', 'aa'],
  ['html_escape("<body>test</body>")', '&lt;body&gt;test&lt;/body&gt;'], ['html_unescape("&lt;body&gt;test&lt;/body&gt;")', '<body>test</body>'], ['md5("Hello")', '8b1a9953c4611296a827abf8c47804d7'],
  ['md5(1234)', '81dc9bdb52d04dc20036dbd8313ed055'], ['mmh3("Hello")', '316307400'], ['remove_bad_chars("abcd", "bc")', 'ad'], ['replace("Hello", "He", "Ha")', 'Hallo'], ['concat("Hello", 123, "world")', 'Hello123world'],
  ['join("_", "Hello", 123, "world")', 'Hello_123_world'], ['repeat("a", 5)', 'aaaaa'], ['repeat("a", "5")', 'aaaaa'], ['repeat(5, 5)', '55555'], ['replace_regex("He123llo", "(\\\\d+)", "")', 'Hello'], ['reverse("abc")', 'cba'],
  ['sha1("Hello")', 'f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0'], ['sha256("Hello")', '185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969'], ['to_lower("HELLO")', 'hello'], ['toupper("hello")', 'HELLO'],
  ['trim("aaaHelloddd", "ad")', 'Hello'], ['trim_left("aaaHelloddd", "ad")', 'Helloddd'], ['trim_prefix("aaHelloaa", "aa")', 'Helloaa'], ['trim_right("aaaHelloddd", "ad")', 'aaaHello'], ['trim_space("  Hello  ")', 'Hello'],
  ['trim_suffix("aaHelloaa", "aa")', 'aaHello'], ['url_decode("https:%2F%2Fexample.com%3Ftest=1")', 'https://example.com?test=1'], ['url_encode("https://example.com/test?a=1")', 'https%3A%2F%2Fexample.com%2Ftest%3Fa%3D1'],
  ['url_encode("a b*c~")', 'a+b%2Ac~'], ['zlib_decode(hex_decode("789cf248cdc9c907040000ffff058c01f5"))', 'Hello'], ['inflate(hex_decode("f348cdc9c90700"))', 'Hello'], ['inflate(hex_decode("f248cdc9c907040000ffff"))', 'Hello'],
  ['gzip_decode(hex_decode("1f8b08000000000000fff248cdc9c907040000ffff8289d1f705000000"))', 'Hello'], ['gzip_decode(gzip("hello world"))', 'hello world'], ['zlib_decode(zlib("x"))', 'x'], ['inflate(deflate("x"))', 'x'],
  ['generate_jwt("{\\"name\\":\\"John Doe\\",\\"foo\\":\\"bar\\"}", "HS256", "hello-world")', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmb28iOiJiYXIiLCJuYW1lIjoiSm9obiBEb2UifQ.EsrL8lIcYJR_Ns-JuhF3VCllCP7xwbpMCCfHin_WT6U'],
  ['len("Hello")', 5], ['len(1234)', 4], ['len(split("1.2.3.4", ".", -1))', 4], ['contains("Hello", "lo")', true], ['starts_with("Hello", "He")', true], ['ends_with("Hello", "x", "lo")', true],
  ['line_starts_with("Hi\nHello", "He")', true], ['line_ends_with("Hii\nHello", "ii")', true], ['regex("H([a-z]+)o", "Hello")', true], ['padding("A", "b", 3)', 'Abb'], ['to_number("4")', 4], ['to_string(4)', '4'],
  ['dec_to_hex(7001)', '1b59'], ['hex_to_dec("ff")', 255], ['hex_to_dec("0xff")', 255], ['oct_to_dec("0o1234567")', 342_391], ['oct_to_dec(1234567)', 342_391], ['bin_to_dec("0b1010")', 10], ['bin_to_dec(1010)', 10],
  ["compare_versions('v1.0.0', '<1.1.1')", true], ["compare_versions('v1.1.1', '>v1.1.0')", true], ["compare_versions('v1.0.0', '>v0.0.1,<v1.0.1')", true], ["compare_versions('v1.0.0', '>v0.0.1', '<v1.0.1')", true],
  ["compare_versions('1.2.0-beta', '< 1.2.0')", false], ["compare_versions('1.4.5', '~> 1.4')", true], ["compare_versions('1.2', '= 1.2.0')", true],
  ["hmac('sha1', 'test', 'scrt')", '8856b111056d946d5c6c92a21b43c233596623c6'], ["hmac('sha256', 'test', 'scrt')", '1f1bff5574f18426eb376d6dd5368a754e67a798aa2074644d5e3fd4c90c7a92'], ["substr('xxtestxxx',2)", 'testxxx'],
  ["substr('xxtestxxx',2,4)", 'te'], ["substr('xxtestxxx',2,6)", 'test'], ['sort(12453)', '12345'], ['sort("a1b2c3d4e5")', '12345abcde'], ['sort("b", "a", "2")', ['2', 'a', 'b']], ['split("abcdefg", 2)', ['ab', 'cd', 'ef', 'g']],
  ['split("ab,cd,efg", ",", 1)', ['ab,cd,efg']], ['split("ab,cd,efg", ",", 2)', ['ab', 'cd,efg']], ['split("ab,cd,efg", ",", "3")', ['ab', 'cd', 'efg']], ['split("ab,cd,efg", ",")', ['ab', 'cd', 'efg']],
  ['uniq(123123231)', '123'], ['uniq("abcabdaabbccd")', 'abcd'], ['join(" ", uniq("ab", "cd", "ab"))', 'ab cd'], ['join(", ", split(hex_encode("abc"), 2))', '61, 62, 63'],
  ['json_minify("{  \\"name\\":  \\"John Doe\\",   \\"foo\\":  \\"bar\\"     }")', '{"foo":"bar","name":"John Doe"}'], ['json_prettify("{\\"foo\\":\\"bar\\",\\"name\\":\\"John Doe\\"}")', '{\n    "foo": "bar",\n    "name": "John Doe"\n}'],
  ["ip_format('127.0.0.1', '3')", '0177.0.0.01'], ["ip_format('127.0.0.1', '5')", '281472812449793'], ["ip_format('127.0.1.0', '11')", '127.0.256'], ["xor('\x01\x02', '\x02\x01')", '\x03\x03'],
  ['date_time("%Y-%M-%D %H:%m")', '2022-06-10 14:18'], ['date_time("02-01-2006", 1642032000)', '13-01-2022'], ['to_unix_time("2022-01-13T16:30:10Z")', 1_642_091_410], ['to_unix_time("2022-01-13 16:30 +01:00")', 1_642_087_800],
  ['to_unix_time("13-01-2022 -03:30", "02-01-2006 Z07:00")', 1_642_044_600], ["index(split(url, '.', -1), 1) == 'example'", true], ['unixtime() > 1000', true],
]

test('helpers give what the documentation of the language says', () => {
  for (const [source, expected] of documented) assert.deepEqual(value(source, { url: 'https://www.example.com' }), expected, source)
})

test('operators go by the precedence of govaluate', () => {
  const all: readonly (readonly [string, Value])[] = [
    ['1 + 2 * 3 == 7 && !false', true], ['2 ** 3 * 2', 16], ['10 - 3 - 2', 5], ['7 % 4 + 1', 4], ['1 << 3 | 1', 9], ['true || false && false', true], ['!contains(body, "x") && status_code == 200', true], ['"a" + 1', 'a1'],
    ['status_code >= 200 && status_code < 300 ? "ok" : "no"', 'ok'], ['"2" in ("1", "2")', true], ['body =~ "^ab+$"', true], ['body !~ "z"', true], ['-3 + 5', 2], ["'it\\'s'", "it's"], ['"\\\\d"', '\\d'], ['body == "abb"', true],
  ]
  for (const [source, expected] of all) assert.deepEqual(value(source, { body: 'abb', status_code: 200 }), expected, source)
})

test('what has no value does not hold, and is looked at only when it counts', () => {
  for (const source of ['missing == 1', '1 < "a"', 'contains(missing, "x")', '!"text"', 'hex_decode("x")', 'compare_versions("no version", "< 1")', 'substr("", 0)', 'repeat("a", 1000000000)', 'repeat("ab", 9000000)', 'aes_cbc("a", "k", "i")', 'rand_base(100000000)']) {
    assert.throws(() => value(source), NoValue, source)
    assert.equal(holds(parseDsl(source), scope()), false)
  }
  assert.equal(value('false && missing == 1'), false)
  assert.equal(value('true || missing == 1'), true)
})

test('texts are bytes', () => {
  assert.equal(value('len("ä")'), 2)
  assert.equal(value('to_upper("ä")'), '\xc3\x84')
  assert.equal(value('md5("ä")'), '8419b71c87a225a2c70b50486fbee545')
  assert.equal(value('url_encode("ä")'), '%C3%A4')
})

test('pieces of a text are worked out; arithmetic without a name is text that a target may work out', () => {
  assert.equal(parseText('a {{7*7}} {{config.items()}} {{{'), 'a {{7*7}} {{config.items()}} {{{')
  assert.deepEqual(fill(parseText('{{md5("{{x}}")}}/{{BaseURL}}/§x§?{{y-z}}'), scope({ x: 'Hello', BaseURL: 'http://t' })), { text: '8b1a9953c4611296a827abf8c47804d7/http://t/Hello?{{y-z}}', missing: ['y-z'] })
})

test('chance falls the same way from the same seed', () => {
  const one = value('concat(rand_text_alpha(8), rand_int(1, 9), rand_base(5, "ab"), rand_ip("192.0.2.0/24"))')
  assert.equal(one, value('concat(rand_text_alpha(8), rand_int(1, 9), rand_base(5, "ab"), rand_ip("192.0.2.0/24"))'))
  assert.match(String(one), /^[A-Za-z]{8}[1-8][ab]{5}192\.0\.2\.\d+$/)
})

test('what only the network knows is asked once, and chance does not change by it', async () => {
  const asked: string[] = []
  const of = parseDsl('concat(rand_base(4), jarm(Host), jarm(Host))')
  assert.throws(() => evaluate(of, scope({ Host: 'h:1' })), Asked)
  const drawn = chanceOf(7)
  const got = await settle((inside) => evaluate(of, inside), { ...scope({ Host: 'h:1' }), chance: drawn }, async ({ call, of: [host] }) => (asked.push(`${call} ${host}`), '2ad'))
  assert.deepEqual(asked, ['jarm h:1'])
  assert.equal(got, `${String(evaluate(parseDsl('rand_base(4)'), { ...scope(), chance: chanceOf(7) }))}2ad2ad`)
})

test('the gadget that resolves a name is a Java stream of one map', () => {
  const bytes = Buffer.from(String(value('generate_java_gadget("dns", "http://x.test", "hex")')), 'hex')
  assert.equal(bytes.subarray(0, 4).toString('hex'), 'aced0005')
  assert.ok(bytes.toString('base64').startsWith('rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3RvckkACXRocmVzaG9sZHhwP0AAAAAAAAx3CAAAABAAAAABc3IADGphdmEubmV0LlVSTJYlNzYa/ORyAwAHSQAIaGFzaENvZGVJAARwb3J0TAAJYXV0aG9yaXR5dAASTGphdmEvbGFuZy9TdHJpbmc7TAAEZmlsZXEAfgADTAAEaG9zdHEAfgADTAAIcHJvdG9jb2xxAH4AA0wAA3JlZnEAfgADeHD//////////3QA'))
  assert.throws(() => value('generate_java_gadget("commons-collections3.1", "id", "raw")'), NoValue)
})
