// Asks Java and Go about the pairs of test/versions/recorded.ts and keeps what they say under test/golden/versions. By hand, when the pairs change:
//   mvn dependency:get -Dartifact=org.apache.maven:maven-artifact:3.9.11
//   node test/versions/record.ts maven ~/.m2/repository/org/apache/maven/maven-artifact/3.9.11/maven-artifact-3.9.11.jar
//   node test/versions/record.ts go
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, recorded, recordedFile, recordedPairs } from './recorded.ts'
import { lines, type Answers, type Pairs } from './tools.ts'

const java = `
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;
public class Compare {
  public static void main(String[] none) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null;) {
      String[] pair = line.split("\\t", -1);
      System.out.println(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))));
    }
  }
}
`
const go = `
package main
import ("bufio"; "fmt"; "os"; "strings"; "golang.org/x/mod/semver")
func v(text string) string { if strings.HasPrefix(text, "v") { return text }; return "v" + text }
func main() {
  in := bufio.NewScanner(os.Stdin)
  for in.Scan() {
    a, b, _ := strings.Cut(in.Text(), "\\t")
    if semver.IsValid(v(a)) && semver.IsValid(v(b)) { fmt.Println(semver.Compare(v(a), v(b))) } else { fmt.Println("x") }
  }
}
`

const [scheme, jar] = process.argv.slice(2)
const one = recorded.find((entry) => entry.scheme === scheme)
if (one === undefined) throw new Error(`say one of: ${recorded.map((entry) => entry.scheme).join(', ')}`)
const pairs = recordedPairs(one.scheme)
const folder = mkdtempSync(join(tmpdir(), 'vigil-versions-'))
try {
  const answers = await (one.scheme === 'maven' ? askJava(pairs) : askGo(pairs))
  const marks = answers.map((answer) => (answer === null ? 'x' : answer < 0 ? '<' : answer > 0 ? '>' : '=')).join('')
  const head = `# ${one.name}, asked by test/versions/record.ts\n# pairs sha256 ${digestOf(pairs)}\n`
  writeFileSync(recordedFile(one.scheme), head + marks.replace(/.{120}/g, '$&\n') + '\n')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function askJava(pairs: Pairs): Promise<Answers> {
  const file = join(folder, 'Compare.java')
  writeFileSync(file, java)
  return lines('java', ['-cp', jar ?? '', file], pairs)
}

function askGo(pairs: Pairs): Promise<Answers> {
  writeFileSync(join(folder, 'main.go'), go)
  writeFileSync(join(folder, 'go.mod'), 'module compare\n\ngo 1.24\n')
  execFileSync('go', ['get', 'golang.org/x/mod@v0.42.0'], { cwd: folder })
  execFileSync('go', ['build', '-o', 'compare', '.'], { cwd: folder })
  return lines(join(folder, 'compare'), [], pairs)
}
