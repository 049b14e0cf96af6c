import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { VersionScheme } from '#core/knowledge/affected.ts'

/** What a package system's own tool says of pairs: negative, 0, positive; null where it takes one of the two for no version. */
export type Answers = readonly (number | null)[]
export type Pairs = readonly (readonly [string, string])[]

export type Tool = Readonly<{ name: string; scheme: VersionScheme; ask(pairs: Pairs): Promise<Answers> }>

/** One process a tool; each reads `a<TAB>b` and answers `-1`, `0`, `1` or `x` a line. */
export const liveTools: readonly Tool[] = [
  {
    name: 'dpkg --compare-versions',
    scheme: 'dpkg',
    // Ends with 0 or 1, and with 2 when one of the two is no version; a version that starts with a letter is warned of and
    // compared.
    ask: (pairs) => lines('sh', ['-c', `
      while IFS='\t' read -r a b; do
        if dpkg --compare-versions -- "$a" lt "$b" 2>&-; then echo -1; continue; elif [ $? = 2 ]; then echo x; continue; fi
        if dpkg --compare-versions -- "$a" gt "$b" 2>&-; then echo 1; else echo 0; fi
      done`], pairs),
  },
  {
    name: 'rpm.vercmp',
    scheme: 'rpm',
    ask: (pairs) => lines('rpm', ['--eval', '%{lua: local out = {} for line in io.stdin:lines() do local a, b = line:match("^(.*)\\t(.*)$") out[#out + 1] = rpm.vercmp(a, b) end print(table.concat(out, "\\n"))}'], pairs),
  },
  {
    name: 'python3-packaging',
    scheme: 'pep440',
    ask: (pairs) => lines('/usr/bin/python3', ['-c', `
import sys
from packaging.version import Version, InvalidVersion
for line in sys.stdin:
    try:
        a, b = map(Version, line.rstrip('\\n').split('\\t'))
        print((a > b) - (a < b))
    except InvalidVersion:
        print('x')
`], pairs),
  },
  {
    name: 'Gem::Version',
    scheme: 'gem',
    ask: (pairs) => lines('ruby', ['-W0', '-e', `
STDIN.each_line do |line|
  a, b = line.chomp.split("\\t")
  begin
    puts(Gem::Version.new(a) <=> Gem::Version.new(b))
  rescue ArgumentError
    puts 'x'
  end
end
`], pairs),
  },
  {
    name: 'composer/semver',
    scheme: 'composer',
    ask: (pairs) => lines('php', ['-d', 'include_path=/usr/share/php', '-r', `
require 'Composer/Semver/autoload.php';
use Composer\\Semver\\VersionParser;
$parser = new VersionParser();
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\\t", rtrim($line, "\\n"));
  try {
    $a = $parser->normalize($a);
    $b = $parser->normalize($b);
    echo strpos($a, 'dev-') === 0 || strpos($b, 'dev-') === 0 ? 'x' : version_compare($a, $b), "\\n";
  } catch (UnexpectedValueException $e) {
    echo "x\\n";
  }
}
`], pairs),
  },
  {
    name: 'node-semver',
    scheme: 'semver',
    ask: async (pairs) => {
      const semver = createRequire(import.meta.url)('semver') as { valid(text: string): string | null; compare(a: string, b: string): number }
      return pairs.map(([a, b]) => (semver.valid(a) === null || semver.valid(b) === null ? null : semver.compare(a, b)))
    },
  },
]

/**
 * Runs a program over pairs on its standard input. Throws when it can't be started, fails, or leaves a line without an answer.
 */
export function lines(program: string, args: readonly string[], pairs: Pairs): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    let out = ''
    let problem = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (problem = (problem + text).slice(-2000)))
    child.once('error', (error) => reject(new Error(`${program} could not be started: ${error.message}`)))
    child.once('close', (code) => {
      const answers = out.split('\n').filter((line) => line !== '').map((line) => (line === 'x' ? null : Number(line)))
      if (code !== 0 || answers.length !== pairs.length || answers.some(Number.isNaN)) {
        reject(new Error(`${program} ended with ${code} and ${answers.length} answers to ${pairs.length} pairs: ${problem}`))
      } else resolve(answers)
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(pairs.map(([a, b]) => `${a}\t${b}\n`).join(''))
  })
}

/** Pairs that the two say different things of, as `a ? b: ours, theirs`. */
export function disagreements(pairs: Pairs, ours: (a: string, b: string) => number | null, theirs: Answers): readonly string[] {
  const wrong: string[] = []
  pairs.forEach(([a, b], index) => {
    const mine = sign(ours(a, b))
    const other = sign(theirs[index]!)
    if (mine !== other) wrong.push(`${a} ? ${b}: ours ${mine}, theirs ${other}`)
  })
  return wrong
}

function sign(value: number | null): number | null {
  return value === null ? null : value < 0 ? -1 : value > 0 ? 1 : 0
}
