import { FactStrip } from '#ui/kit/fact-strip.tsx'
import { FileDrop } from '#ui/kit/file-drop.tsx'
import { Section } from '#ui/kit/page.tsx'
import { Prose } from '#ui/kit/prose.tsx'

const text = `Set a password and bind it, then restart:
  bind 127.0.0.1
  requirepass <long random password>
What matters:

* \`protected-mode\` stays **on**
* See [the guide](https://example.org/guide) or https://example.org/faq.`

export function TextPart() {
  return (
    <>
      <Section title="Fact strip">
        <FactStrip
          label="How bad and how near"
          facts={[
            { id: 'cvss', label: 'CVSS', source: 'NVD', value: '9.8', detail: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
            { id: 'epss', label: 'EPSS', source: 'FIRST', value: '94%', detail: 'within 30 days; top 0.1%' },
            { id: 'exploited', label: 'Known exploited', value: 'Not known' },
            { id: 'here', label: 'Here', value: '9 hosts', detail: '12 open findings, 3 fixed' },
          ]}
        />
      </Section>
      <Section title="Prose"><Prose text={text} /></Section>
      <Section title="File drop"><FileDrop label="Drop a package list or an SBOM here" hint="Up to 16 MB." most={16_000_000} onFile={() => {}} /></Section>
    </>
  )
}
