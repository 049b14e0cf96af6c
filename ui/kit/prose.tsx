import { Fragment } from 'react'
import { t } from '#ui/i18n/text.ts'
import { proseBlocks, proseInlines } from '#ui/lib/prose.ts'
import { CodeBlock } from './evidence.tsx'
import { OutsideLink } from './link.tsx'

/** Running text as the KnowledgeBase holds it: sentences, lists, and lines of configuration that can be copied. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="flex max-w-[75ch] flex-col gap-2.5 text-sm leading-[1.6] break-words">
      {proseBlocks(text).map((block, index) => {
        // Text has no other identity than where it stands.
        // oxlint-disable react/no-array-index-key
        if (block.kind === 'code') return <CodeBlock key={index} text={block.text} label={t('kit.code')} />
        if (block.kind === 'heading') return <h3 key={index} className="pt-1 text-sm font-semibold"><Line text={block.text} /></h3>
        if (block.kind === 'list') return <ul key={index} className="flex list-disc flex-col gap-1 pl-5 marker:text-faint">{block.items.map((item, at) => <li key={at}><Line text={item} /></li>)}</ul>
        return <p key={index} className="whitespace-pre-line"><Line text={block.text} /></p>
      })}
    </div>
  )
}

function Line({ text }: { text: string }) {
  return proseInlines(text).map((part, index) => (
    <Fragment key={index}>
      {part.kind === 'code' ? <code className="rounded-xs bg-pressed px-1 font-mono text-xs break-all">{part.text}</code>
        : part.kind === 'strong' ? <strong className="font-semibold">{part.text}</strong>
          : part.kind === 'link' ? <OutsideLink href={part.href}>{part.text}</OutsideLink> : part.text}
    </Fragment>
  ))
}
